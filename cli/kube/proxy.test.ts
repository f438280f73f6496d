import { expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const server = 'https://api.prod.example.com:6443';
const HTTPS_PROXY = 'http://proxy:3128';

test('by the scheme of the server, in capitals or not; a bare host is HTTP', () => {
  expect(proxyFor(server, { HTTPS_PROXY })).toBe(HTTPS_PROXY);
  expect(proxyFor(server, { https_proxy: 'proxy:3128' })).toBe('http://proxy:3128');
  expect(proxyFor(server, { HTTP_PROXY: HTTPS_PROXY })).toBeUndefined();
  expect(proxyFor('http://api:8001', { HTTP_PROXY: HTTPS_PROXY })).toBe(HTTPS_PROXY);
  expect(proxyFor(server, {})).toBeUndefined();
});

test('never for this machine itself', () => {
  for (const own of ['https://localhost:6443', 'https://127.0.0.1:6443', 'https://[::1]:6443']) {
    expect(proxyFor(own, { HTTPS_PROXY })).toBeUndefined();
  }
});

test.each([
  ['*', server, true],
  ['example.com', server, true],
  ['.example.com', server, true],
  ['*.example.com', server, true],
  ['other.com, api.prod.example.com', server, true],
  ['api.prod.example.com:6443', server, true],
  ['api.prod.example.com:443', server, false],
  ['ample.com', server, false],
  ['', server, false],
  ['10.0.0.0/8', 'https://10.1.2.3:6443', true],
  ['10.0.0.0/8', 'https://11.1.2.3:6443', false],
  ['10.1.2.3', 'https://10.1.2.3:6443', true],
  ['1.2.3', 'https://10.1.2.3:6443', false],
  ['fd00::/8', 'https://[fd12::1]:6443', true],
  ['fd12::1', 'https://[fd12::1]:6443', true],
  ['10.0.0.0/99', 'https://10.1.2.3:6443', false],
])('NO_PROXY %j for %s: direct %s', (NO_PROXY, url, direct) => {
  expect(proxyFor(url, { HTTPS_PROXY, NO_PROXY }) === undefined).toBe(direct);
});
