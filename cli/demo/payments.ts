/** Takes money, sometimes slowly, sometimes not at all. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import { type Routes, sendJson } from './service.ts';

const SLOW = 0.2;
const BROKEN = 0.12;
const HANGS_UP = 0.02;
const DECLINED_CVV = '000';

export function paymentsRoutes(chance: Chance): Routes {
  let next = 1;
  return {
    'POST /charges': async ({ body }, response) => {
      const form = new URLSearchParams(body.toString());
      await sleep(chance.happens(SLOW) ? chance.between(600, 1800) : chance.between(15, 60));
      if (chance.happens(HANGS_UP)) {
        response.destroy();
        return;
      }
      if (chance.happens(BROKEN)) {
        return sendJson(response, 500, { error: 'internal', detail: 'ledger: lock wait timeout exceeded' });
      }
      if (form.get('cvv') === DECLINED_CVV) return sendJson(response, 402, { error: 'card_declined' });
      sendJson(response, 201, {
        id: `ch_${next++}`,
        amount: Number(form.get('amount')),
        client_secret: 'demo-client-secret',
      });
    },

    'GET /healthz': (_asked, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('status=ok ledger=ok password=demo-ledger-password\n');
    },
  };
}
