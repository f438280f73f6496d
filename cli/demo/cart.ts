/** What customers are about to buy. Asks the catalogue for prices. */

import { Bounded } from './bounded.ts';
import type { Product } from './catalogue.ts';
import { type Caller, type Place, type Routes, sendJson } from './service.ts';

interface Line {
  product: number;
  quantity: number;
  price: number;
}

const MAX_CARTS = 500;
const MAX_LINES = 20;

export function cartRoutes(caller: Caller, catalogue: Place): Routes {
  const carts = new Bounded<Line[]>(MAX_CARTS);
  const of = (url: URL) => carts.get(url.searchParams.get('id') ?? '') ?? [];

  return {
    'GET /carts/:id': ({ url }, response) => {
      const lines = of(url);
      const total = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
      sendJson(response, 200, {
        id: url.searchParams.get('id'),
        lines,
        total: Math.round(total * 100) / 100,
      });
    },

    'POST /carts/:id/items': async ({ url, body, trace }, response) => {
      const { product, quantity } = JSON.parse(body.toString()) as Line;
      const answer = await caller.call(catalogue, `/products/${product}`, { trace, once: true });
      if (answer.status !== 200) return sendJson(response, 422, { error: 'product is not sold', product });
      const { price } = JSON.parse(answer.body.toString()) as Product;
      const lines = [...of(url), { product, quantity, price }].slice(-MAX_LINES);
      carts.set(url.searchParams.get('id') ?? '', lines);
      sendJson(response, 201, { lines: lines.length });
    },

    'DELETE /carts/:id': ({ url }, response) => {
      carts.delete(url.searchParams.get('id') ?? '');
      response.writeHead(204).end();
    },
  };
}
