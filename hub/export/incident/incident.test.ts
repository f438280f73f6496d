import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Flow } from '../../../flow/flow.ts';
import { IncidentFile } from './incident.ts';
import { INCIDENT_LIMITS } from './limits.ts';

const ORIGIN = { version: '1', madeAt: '2026-11-21T10:00:00.000000Z', filter: '', note: '' };

function flow(n: number, text = 'x', body = text): Flow {
  const end = (name: string) => ({ ip: '10.0.0.1', port: 80, name, namespace: 'shop', workload: name });
  const message = {
    headers: [[`X-${text}`, text]] as [string, string][],
    bodySize: 1,
    body: { text: body, mime: text },
  };
  return {
    ...{
      id: `${n}`,
      time: `2026-11-21T10:00:00.${String(n).padStart(6, '0')}Z`,
      node: text,
      connection: text,
    },
    protocol: { name: 'http', version: '1.1' },
    ...{ src: end('web'), dst: end(text) },
    request: {
      method: 'GET',
      target: text,
      url: text,
      path: text,
      query: {},
      host: text,
      cookies: {},
      ...message,
    },
    response: { status: 500, reason: text, ...message },
    ...{ elapsedMs: 3, timing: {}, completeness: ['complete'], redacted: 0 },
    ...{ bytes: { request: 0, response: 0 }, fingerprint: '' },
  };
}

function write(flows: readonly Flow[], change: Partial<typeof ORIGIN> = {}): string {
  const file = new IncidentFile();
  for (const one of flows) file.add(one);
  return file.build({ ...ORIGIN, ...change });
}

/** The elements and their attributes, without the values: what a browser is made to do. */
const bones = (html: string) =>
  (html.match(/<[a-z!/][^>]*>/gi) ?? []).map((tag) =>
    tag.replace(/"[^"]*"/g, '""').replace(/(?<=^<(?:svg|rect|path|polygon|text))[^>]*/, ''),
  );

test('captured text and notes are text: no markup comes of them, whatever it is', () => {
  const plain = bones(write([flow(1, 'plain')], { note: 'plain', filter: 'plain' }));
  const hostile = fc
    .array(
      fc.constantFrom(
        '<script>',
        '</script>',
        '<!--',
        '-->',
        '"',
        "'",
        '`',
        '>',
        '<',
        '&',
        ' onload=x ',
        '&#60;',
        'ü\u202e',
        '\0',
        '=',
        '/',
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(hostile, (text) => {
      const made = write([flow(1, text)], { note: text, filter: text });
      expect(bones(made)).toEqual(plain);
      expect(made).not.toMatch(/[\u202e\0]/);
    }),
    { numRuns: 150 },
  );
});

test('it needs nothing else, and runs nothing else', () => {
  const made = write([flow(1)]);
  expect(made).not.toMatch(/\s(src|href|style|on\w+)=/);
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(made)?.[1] ?? '';
  expect(policy).toMatch(/^default-src 'none'; /);
  for (const name of ['style', 'script']) {
    const text = new RegExp(`<${name}>([^]*?)</${name}>`).exec(made)?.[1] ?? '';
    expect(text).not.toBe('');
    const hash = createHash('sha256').update(text).digest('base64');
    expect(policy).toContain(`${name}-src 'sha256-${hash}'`);
  }
});

test('the map is of these flows', () => {
  const made = write([flow(2, 'orders'), flow(1, 'cart')]);
  for (const name of ['web', 'orders', 'cart', 'shop']) expect(made).toContain(`>${name}</text>`);
  expect(made).toContain('>1  ▲ 1</text>');
});

test('what is left out is said', () => {
  const many = Array.from({ length: INCIDENT_LIMITS.flows + 5 }, (_, n) => flow(n));
  const made = write(many);
  expect(made.match(/<details /g)).toHaveLength(INCIDENT_LIMITS.flows);
  expect(made).toContain(`the newest ${INCIDENT_LIMITS.flows} are in here`);
  const long = 'y'.repeat(INCIDENT_LIMITS.body + 1);
  expect(write([flow(1, 'x', long)])).toContain(
    `The first ${INCIDENT_LIMITS.body} characters of ${long.length}.`,
  );
  expect(write([])).toContain('Nothing matched.');
  const crowd = Array.from({ length: INCIDENT_LIMITS.nodes + 4 }, (_, n) => flow(n, `server${n}x`));
  expect(write(crowd)).toContain('Not on the map: 5 nodes and 5 lines');
});
