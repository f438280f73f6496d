/** Turns a cart into an order: asks the cart for its lines and the payments for money. Receipts are XML. */

import { Bounded } from './bounded.ts';
import { type Caller, type Place, type Routes, sendJson } from './service.ts';

interface OrderRequest {
  cart: string;
  customer: { firstname: string; lastname: string; address: string; phoneNumber: string };
  card: { cardNumber: string; cvv: string };
}

interface Order {
  id: string;
  total: number;
  name: string;
  card: string;
}

const MAX_ORDERS = 500;
const FIRST_ORDER = 1000;

export interface OrdersNeighbours {
  cart: Place;
  payments: Place;
}

export function ordersRoutes(caller: Caller, { cart, payments }: OrdersNeighbours): Routes {
  const orders = new Bounded<Order>(MAX_ORDERS);
  let next = FIRST_ORDER;

  return {
    'POST /orders': async ({ body, trace }, response) => {
      const wanted = JSON.parse(body.toString()) as OrderRequest;
      const lines = await caller.call(cart, `/carts/${wanted.cart}`, { trace });
      const { total } = JSON.parse(lines.body.toString()) as { total: number };
      if (total === 0) return sendJson(response, 409, { error: 'the cart is empty' });

      const charge = await caller.call(payments, '/charges', {
        method: 'POST',
        trace,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: 'Bearer demo-merchant-0123456789abcdef',
        },
        body: new URLSearchParams({
          amount: String(total),
          currency: 'EUR',
          card_number: wanted.card.cardNumber,
          cvv: wanted.card.cvv,
        }).toString(),
      });
      if (charge.status === 402) return sendJson(response, 402, { error: 'the card was declined' });
      if (charge.status !== 201)
        return sendJson(response, 503, { error: 'payments are not available' }, { 'retry-after': '5' });

      const { firstname, lastname } = wanted.customer;
      const order = {
        id: String(next++),
        total,
        name: `${firstname} ${lastname}`,
        card: wanted.card.cardNumber,
      };
      orders.set(order.id, order);
      await caller.call(cart, `/carts/${wanted.cart}`, { method: 'DELETE', trace });
      sendJson(response, 201, { id: order.id, total }, { location: `/orders/${order.id}/receipt` });
    },

    'GET /orders/:id/receipt': ({ url }, response) => {
      const order = orders.get(url.searchParams.get('id') ?? '');
      if (order === undefined) return sendJson(response, 404, { error: 'no such order' });
      const xml = `<?xml version="1.0" encoding="UTF-8"?>
<receipt><order>${order.id}</order><name>${order.name}</name><total currency="EUR">${order.total}</total>
  <payment><cardNumber>${order.card}</cardNumber></payment></receipt>`;
      response.writeHead(200, { 'content-type': 'application/xml' });
      response.end(xml);
    },
  };
}
