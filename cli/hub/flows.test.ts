import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { plainFlow } from '../../test/flows.ts';
import { hubFlows } from './flows.ts';

test('who asks for flows hears how many there are so far, and back to when', async () => {
  const times = ['2026-03-01T12:00:02Z', '2026-03-01T12:00:01Z', '2026-03-01T12:00:00Z'];
  const lines = times.map((time) => `${JSON.stringify({ ...plainFlow({}), time })}\n`);
  const server = createServer((_, response) => {
    response.end(lines.join(''));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const heard: [number, string][] = [];
  const { signal } = new AbortController();
  const { flows, more } = await hubFlows(
    { url, token: '' },
    new URLSearchParams(),
    3,
    signal,
    (count, { time }) => heard.push([count, time]),
  );
  server.close();
  expect({ times: flows.map(({ time }) => time), more }).toEqual({ times, more: false });
  expect(heard.at(-1)).toEqual([3, times[2]]);
});
