import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiError } from '../../flow/api.ts';
import { HubError } from '../errors.ts';
import type { App } from './type-provider.ts';

/** Vite puts a hash of the content into these names: what has such a name never changes. */
const HASHED = '/assets/';
const A_YEAR = 'private, max-age=31536000, immutable';

/** The built page. Its folder may appear later: a page that is not built yet is told apart from one that is not there. */
export async function servePage(app: App, uiDir: string): Promise<void> {
  await app.register(async (page) => {
    page.addHook('onSend', async ({ url }, reply) => {
      if (reply.statusCode < 400) reply.header('cache-control', url.startsWith(HASHED) ? A_YEAR : 'no-cache');
    });
    await page.register(fastifyStatic, {
      root: uiDir,
      index: false,
      cacheControl: false,
      dotfiles: 'deny',
      schemaHide: true,
    });
    page.get('/', { schema: { hide: true } }, (_, reply) => {
      if (!existsSync(join(uiDir, 'index.html'))) throw new HubError('PAGE_NOT_BUILT');
      return reply.sendFile('index.html');
    });
  });
}

/** Whether an error is better told as a page: somebody opened an address, no program asked the API. */
export function wantsPage({ url, headers }: FastifyRequest): boolean {
  return !/^\/(api|metrics)\b/.test(url) && headers.accept?.includes('text/html') === true;
}

/** An error as a page of plain text. No style: the Content-Security-Policy allows none inline. */
export function sendErrorPage(
  reply: FastifyReply,
  status: number,
  { message, remedy }: ApiError,
): FastifyReply {
  const paragraphs = [`${capitalise(message)}.`, remedy ?? ''].map((text) => `<p>${escapeHtml(text)}</p>`);
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>Remora</title><h1>Remora</h1>${paragraphs.join('')}</html>\n`,
    );
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
