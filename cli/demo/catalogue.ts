/** What the shop sells: large compressed lists, single products with validators, images, a slow search. */

import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Chance } from './chance.ts';
import { tilePng } from './png.ts';
import { type Asked, type Routes, sendJson } from './service.ts';

export interface Product {
  id: number;
  name: string;
  category: string;
  price: number;
  description: string;
}

export const PRODUCT_COUNT = 400;
const PAGE = 100;
const CATEGORIES = ['ropes', 'lamps', 'charts', 'compasses', 'boots'];
const WORDS = ['salt', 'deep', 'quiet', 'northern', 'brass', 'woven', 'tidal', 'amber', 'steady', 'grey'];

export function catalogueRoutes(chance: Chance): Routes {
  const products = Array.from({ length: PRODUCT_COUNT }, (_, id) => makeProduct(id, chance));
  const pages = compressPages(products);

  return {
    'GET /products': ({ url, headers }, response) => {
      const page = pages[Number(url.searchParams.get('page') ?? 0)];
      if (page === undefined) return sendJson(response, 400, { error: 'no such page', field: 'page' });
      const coding = ['br', 'gzip'].find((name) => String(headers['accept-encoding'] ?? '').includes(name));
      const body = page[coding ?? 'identity']!;
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        vary: 'accept-encoding',
        ...(coding === undefined ? {} : { 'content-encoding': coding }),
      });
      response.end(body);
    },

    'GET /products/:id': ({ url, headers }, response) => {
      const product = products[Number(url.searchParams.get('id'))];
      if (product === undefined) return sendJson(response, 404, { error: 'no such product' });
      const etag = `"p${product.id}-1"`;
      if (headers['if-none-match'] === etag) {
        response.writeHead(304, { etag }).end();
        return;
      }
      sendJson(response, 200, product, { etag, 'cache-control': 'max-age=60' });
    },

    'GET /images/:id': ({ url }, response) => {
      const image = tilePng(Number.parseInt(url.searchParams.get('id') ?? '0', 10) || 0);
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': image.length });
      response.end(image);
    },

    // Finds while it is asked: slow, and sent in chunks as the results come.
    'GET /search': async (asked, response) => {
      const found = products.filter(({ name }) => name.includes(word(asked)));
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      for (let start = 0; start < found.length; start += 10) {
        const lines = found.slice(start, start + 10).map((product) => JSON.stringify(product));
        response.write(`${lines.join('\n')}\n`);
        await sleep(chance.between(30, 250));
      }
      response.end();
    },
  };
}

function word({ url }: Asked): string {
  return (url.searchParams.get('q') ?? '').toLowerCase();
}

function makeProduct(id: number, chance: Chance): Product {
  const category = CATEGORIES[id % CATEGORIES.length]!;
  return {
    id,
    name: `${chance.pick(WORDS)} ${category.slice(0, -1)} ${id}`,
    category,
    price: chance.between(5, 900) + 0.95,
    description: Array.from({ length: 30 }, () => chance.pick(WORDS)).join(' '),
  };
}

function compressPages(products: readonly Product[]): Record<string, Buffer>[] {
  return Array.from({ length: PRODUCT_COUNT / PAGE }, (_, page) => {
    const identity = Buffer.from(
      JSON.stringify({ page, products: products.slice(page * PAGE, (page + 1) * PAGE) }),
    );
    const br = brotliCompressSync(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
    return { identity, br, gzip: gzipSync(identity) };
  });
}
