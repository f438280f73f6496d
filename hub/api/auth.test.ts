import { expect, test } from 'vitest';
import { Auth } from './auth.ts';

const TOKEN = 'the-token-0123456789';
const auth = new Auth(TOKEN, 'the-workers-token-0123456789');

test('over TLS the cookie is for TLS only', () => {
  expect(auth.login(TOKEN, { host: 'hub' }, true)).toMatch(/^remora_default=[\w-]+; .*; Secure$/);
  expect(auth.login(TOKEN, { host: 'hub' }, false)).not.toContain('Secure');
});

test('a hub started again with the same token takes the cookie, one with another token does not', () => {
  const headers = { host: 'localhost:8899' };
  const cookie = auth.login(TOKEN, headers, false).split(';')[0];
  new Auth(TOKEN, 'another-workers-token').checkBrowser({ ...headers, cookie });
  const other = new Auth('another-token-0123456789', 'another-workers-token');
  expect(() => other.checkBrowser({ ...headers, cookie })).toThrow(
    expect.objectContaining({ code: 'AUTH_REQUIRED' }),
  );
});

test.each(['', 'short', 'with spaces in it, long', 'mit-Ümlaut-und-lang-genug'])(
  '%j is no token',
  (token) => {
    expect(() => new Auth(token, 'the-workers-token-0123456789')).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  },
);
