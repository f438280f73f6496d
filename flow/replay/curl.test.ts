import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainFlow } from '../../test/flows.ts';
import { curlCommand, curlGaps } from './curl.ts';
import { shellQuote } from './shell.ts';

/** The words that a shell makes of it. */
const words = (command: string): string[] =>
  execFileSync('bash', ['-c', `printf '%s\\0' ${command}`])
    .toString()
    .split('\0')
    .slice(0, -1);

test('a request as one would have typed it', () => {
  const flow = plainFlow({
    method: 'POST',
    url: 'http://orders:8080/orders?a=[1]',
    headers: [
      ['Host', 'orders:8080'],
      ['Content-Type', 'application/json'],
      ['Accept-Encoding', 'gzip'],
      ['X-Empty', ''],
      ['Content-Length', '10'],
    ],
    body: { mime: 'application/json', text: `{"a":"it's"}` },
  });
  expect(words(curlCommand(flow)!)).toEqual([
    'curl',
    '--globoff',
    '--path-as-is',
    '-X',
    'POST',
    '--url',
    'http://orders:8080/orders?a=[1]',
    '-H',
    'Content-Type: application/json',
    '-H',
    'X-Empty;',
    '--compressed',
    '--data-raw',
    `{"a":"it's"}`,
  ]);
});

test('hostile requests run nothing, read no file and leave no terminal', () => {
  expect(curlCommand(plainFlow({ url: 'file:///etc/passwd' }))).toBeUndefined();
  const command = curlCommand(
    plainFlow({
      method: '$(id)',
      headers: [
        ['@/etc/passwd', 'x'],
        ['X', '\u001b[201~; rm -rf /\n'],
      ],
      body: { mime: '', text: '@/etc/passwd `id` \u0007' },
    }),
  )!;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
  expect(command.replaceAll(' \\\n', '')).not.toMatch(/[\u0000-\u001f]/);
  expect(words(command)).toContain('$(id)');
  expect(words(command)).toContain('X: \u001b[201~; rm -rf /\n');
  expect(command).not.toContain('-H @');
});

test('a shell reads back every text that can be in a string of its', () => {
  const text = fc.string({
    unit: fc.constantFrom(...`ab'"\\$\`!*?~#&;|<>(){}[]\n\r\t\u0001\u001b\u007fé🐟 -`),
    maxLength: 30,
  });
  fc.assert(
    fc.property(fc.array(text, { minLength: 20, maxLength: 20 }), (texts) => {
      expect(words(texts.map((one) => `x${shellQuote(one)}`).join(' '))).toEqual(
        texts.map((one) => `x${one}`),
      );
    }),
    { numRuns: 25 },
  );
});

test('no word begins as one that zsh puts a path in the place of', () => {
  expect(shellQuote('=ls')).toBe("'=ls'");
  expect(shellQuote('a=b')).toBe('a=b');
});

test('what is not in it is said', () => {
  expect(curlGaps(plainFlow({ headers: [['Authorization', '[REDACTED]']] }))).toEqual([
    'Redacted values have to be put back',
  ]);
  expect(curlGaps(plainFlow({ body: { mime: '', text: 'x', truncated: 5 } }))).toEqual([
    'The body is cut off',
  ]);
  expect(curlGaps(plainFlow({ body: { mime: '', withheld: 'binary' } }))).toEqual(['The body is left out']);
  expect(curlGaps(plainFlow({}))).toEqual([]);
});
