/**
 * The demo shop: five real HTTP services on loopback addresses of their own, and customers. It is there so
 * that a first look at Remora has something to show; its people and secrets are made up.
 */

import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { cartRoutes } from './cart.ts';
import { catalogueRoutes } from './catalogue.ts';
import { chance as chances } from './chance.ts';
import { type Customer, shopAround } from './customers.ts';
import { frontRoutes } from './front.ts';
import { ordersRoutes } from './orders.ts';
import { paymentsRoutes } from './payments.ts';
import { Caller, openService, type Place, type Routes } from './service.ts';

export interface Shop {
  places: Record<ServiceName, Place>;
  close(): Promise<void>;
}

export type ServiceName = 'front' | 'catalogue' | 'cart' | 'orders' | 'payments';

/** Linux routes all of 127.0.0.0/8 to the loopback device: no set-up is needed for these. */
const ADDRESSES: Record<ServiceName, string> = {
  front: '127.0.77.1',
  catalogue: '127.0.77.2',
  cart: '127.0.77.3',
  orders: '127.0.77.4',
  payments: '127.0.77.5',
};

const CUSTOMERS: readonly Customer[] = [
  { address: '127.0.77.101', agent: 'DemoBrowser/12.0', codings: 'gzip, deflate, br', hasty: false },
  { address: '127.0.77.101', agent: 'DemoBrowser/12.0', codings: 'gzip, deflate, br', hasty: false },
  { address: '127.0.77.102', agent: 'DemoPhone/3.1', codings: 'gzip', hasty: false },
  { address: '127.0.77.102', agent: 'DemoPhone/3.1', codings: 'gzip', hasty: false },
  { address: '127.0.77.103', agent: 'DemoCrawler/0.9', codings: 'identity', hasty: true },
  { address: '127.0.77.103', agent: 'DemoCrawler/0.9', codings: 'identity', hasty: true },
];

/** An orchestrator's probe, as most real services have one. */
const PROBE_FROM = '127.0.77.100';
const PROBE_EVERY_MS = 5000;

/** Rejects when the addresses cannot be used (other systems than Linux). `customers: 0` opens the services alone. */
export async function openShop(seed: number, customers = CUSTOMERS.length): Promise<Shop> {
  const places = {} as Record<ServiceName, Place>;
  const callers: Caller[] = [];
  const servers: Server[] = [];
  const closing = new AbortController();

  const open = async (name: ServiceName, routes: (caller: Caller) => Routes) => {
    const caller = new Caller(ADDRESSES[name]);
    callers.push(caller);
    const { place, server } = await openService(name, ADDRESSES[name], routes(caller));
    places[name] = place;
    servers.push(server);
  };
  const chance = chances(seed);
  await open('catalogue', () => catalogueRoutes(chance));
  await open('payments', () => paymentsRoutes(chance));
  await open('cart', (caller) => cartRoutes(caller, places.catalogue));
  await open('orders', (caller) => ordersRoutes(caller, places));
  await open('front', (caller) => frontRoutes(caller, places, chance));

  const people = CUSTOMERS.slice(0, customers).map((customer, i) =>
    shopAround(customer, places.front, chances(seed + i + 1), closing.signal),
  );
  if (customers > 0) people.push(probe(places.payments, closing.signal));

  return {
    places,
    async close() {
      closing.abort();
      for (const caller of callers) caller.close();
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      await Promise.all(people);
    },
  };
}

async function probe(place: Place, stop: AbortSignal): Promise<void> {
  const caller = new Caller(PROBE_FROM);
  while (!stop.aborted) {
    await caller
      .call(place, '/healthz', { once: true, headers: { 'user-agent': 'demo-probe/1' } })
      .catch(() => {});
    await sleep(PROBE_EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
  caller.close();
}
