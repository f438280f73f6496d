import { expect, test } from 'vitest';
import { type ExportFlags, exportPath, planExport } from './plan.ts';

const plan = (flags: ExportFlags, filter = '', toTerminal = false) => planExport(flags, filter, toTerminal);
const asked = (flags: ExportFlags, filter = '') => {
  const [path, query] = exportPath(plan(flags, filter)).split('?');
  return [path, Object.fromEntries(new URLSearchParams(query))];
};

test.each([
  ['a.pcapng', 'pcapng'],
  ['a.PCAP', 'pcap'],
  ['a.b.har', 'har'],
  ['a.jsonl', 'ndjson'],
  ['a.csv', 'csv'],
  ['shop.openapi.json', 'openapi'],
])('what %s ends in says that it is %s', (write, name) => {
  expect(plan({ write }).format.name).toBe(name);
  expect(plan({ write, format: 'har' }).format.name).toBe('har');
});

test('the hub is asked for what was selected', () => {
  expect(asked({ write: 'a.har' })).toEqual(['api/v1/flows.har', {}]);
  expect(asked({ write: 'a.csv', since: '15m', to: '-1m' }, 'a || b')).toEqual([
    'api/v1/flows.csv',
    { filter: '(a || b)', from: '-15m', to: '-1m' },
  ]);
  expect(asked({ write: 'a.ndjson', flow: 'x"y' }, 'http')).toEqual([
    'api/v1/flows.ndjson',
    { filter: '(http) && id == "x\\"y"' },
  ]);
  expect(asked({ write: 'a.html', note: 'a & b' })).toEqual(['api/v1/flows.html', { note: 'a & b' }]);
  expect(asked({ write: 'a.pcap', connection: 'c-1', from: '2026-01-31T12:00:00Z' }, 'http')).toEqual([
    'api/v1/flows.pcap',
    { filter: 'http', connection: 'c-1', from: '2026-01-31T12:00:00Z' },
  ]);
});

test('to standard output: packets, and live where no time is said', () => {
  expect(plan({ write: '-' })).toMatchObject({ follow: true, format: { name: 'pcapng' } });
  expect(asked({ write: '-' })).toEqual(['api/v1/flows.pcapng', { follow: 'true' }]);
  expect(asked({ write: 'a.pcap', follow: true, connection: 'c' })).toEqual([
    'api/v1/flows.pcap',
    { filter: 'connection == "c"', follow: 'true' },
  ]);
  expect(plan({ write: '-', since: '1h' }).follow).toBe(false);
  expect(plan({ write: '-', format: 'pcapng' }).follow).toBe(false);
  expect(plan({ format: 'har' })).toMatchObject({ file: '-', follow: false });
});

test('packets with the secrets in them are asked for by name, and never live', () => {
  expect(asked({ write: 'a.pcap', raw: true, flow: 'x' })).toEqual([
    'api/v1/flows.pcap',
    { flow: 'x', raw: 'true' },
  ]);
  expect(plan({ write: '-', raw: true })).toMatchObject({ follow: false, format: { name: 'pcapng' } });
});

test.each<[string, ExportFlags, boolean?]>([
  ['is for packets', { write: 'a.har', raw: true }],
  ['no meaning with --follow', { write: 'a.pcap', raw: true, follow: true }],
  ['only with --raw', { write: 'a.pcap', yes: true }],
  ['not said what to write', {}],
  ['does not say what is to be in it', { write: 'a.txt' }],
  ['is no length of time', { write: 'a.har', since: 'ever' }],
  ['exclude each other', { write: 'a.har', since: '1h', from: '-2h' }],
  ['exclude each other', { write: 'a.har', flow: 'a', connection: 'b' }],
  ['begins now', { write: 'a.pcap', follow: true, since: '1h' }],
  ['no meaning for har', { write: 'a.har', follow: true }],
  ['is for an incident file', { write: 'a.har', note: 'x' }],
  ['nothing for a terminal', { format: 'pcap' }, true],
  ['nothing for a terminal', { write: '-' }, true],
])('refused: %s', (message, flags, toTerminal) => {
  expect(() => plan(flags, '', toTerminal)).toThrow(message);
});
