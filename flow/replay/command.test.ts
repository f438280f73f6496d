import { expect, test } from 'vitest';
import { replayCommand } from './command.ts';

const plain = { hub: 'http://localhost:8899', to: 'http://localhost:8080', missing: [] };

test('one request, to a server of the user', () => {
  const command = replayCommand({ ...plain, flow: '0006541f', timing: false, toOriginal: false });
  expect(command).toBe(
    'remora replay 0006541f \\\n  --url http://localhost:8899 \\\n  --to http://localhost:8080',
  );
});

test('a selection; what was redacted has to be there, and what is written cannot act', () => {
  const command = replayCommand({
    ...{ ...plain, to: "http://localhost:8080/$(id)'", missing: ['REDACTED_TOKEN'] },
    ...{ filter: 'id in ["a", "b"]', timing: true, toOriginal: true },
  });
  expect(command.split(' \\\n  ')).toEqual([
    `remora replay -f 'id in ["a", "b"]'`,
    '--url http://localhost:8899',
    `--to 'http://localhost:8080/$(id)'\\'''`,
    `--set REDACTED_TOKEN="\${REDACTED_TOKEN:?}"`,
    '--timing',
    '--yes',
  ]);
});
