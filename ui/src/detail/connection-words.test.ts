import { expect, test } from 'vitest';
import type { Connection } from '../../../flow/flow.ts';
import { connectionStory } from './connection-words.ts';

const base = {
  start: '2026-01-01T00:00:00.000000Z',
  end: '2026-01-01T00:00:02.500000Z',
  closed: 'fin',
  closedBy: 'server',
  handshakeMs: 0.4,
  client: { bytes: 90 },
  server: { bytes: 200 },
} as Connection;

test('who closed it and how', () => {
  expect(connectionStory(base)).toBe(
    'The server closed it in good order (FIN), after 2.50 s. The handshake took 0.40 ms.',
  );
  expect(connectionStory({ ...base, closed: 'rst', closedBy: 'client' })).toMatch(
    /^The client closed it by a reset/,
  );
});

test('endings that nobody made, and one that is not known here', () => {
  const { handshakeMs: _, ...late } = base;
  expect(connectionStory({ ...late, closed: 'idle', closedBy: 'none' })).toBe(
    'It was silent for so long that it is taken for dead, after 2.50 s. Its beginning was not seen.',
  );
  expect(connectionStory({ ...base, closed: 'new-word', closedBy: 'none' })).toMatch(
    /^It ended: new-word, after/,
  );
});

test('one that never began', () => {
  const { handshakeMs: _, ...late } = base;
  const end = '2026-01-01T00:00:00.000120Z';
  expect(connectionStory({ ...late, end, closed: 'refused' })).toBe(
    'The server refused the connection, after 0.00 ms: nothing listens at this address and port, or a firewall rejects it.',
  );
});
