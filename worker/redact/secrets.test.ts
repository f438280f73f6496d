import { describe, expect, test } from 'vitest';
import { redactBody, redactHeader, redactTarget, redactText } from '../../test/redact/redact.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln';

describe('secrets by their looks', () => {
  test.each([
    ['AKIAIOSFODNN7EXAMPLE'],
    ['ASIAIOSFODNN7EXAMPLE'],
    [`AIza${'Sy0-_'.repeat(7)}`],
    [`ya29.${'a0_-'.repeat(8)}`],
    [`ghp_${'aB3d'.repeat(9)}`],
    [`gho_${'aB3d'.repeat(9)}`],
    [`github_pat_${'11AB_'.repeat(8)}`],
    ['xoxb-123456789012-abcdefABCDEF'],
    [`sk_live_${'4eC39HqLyjWD'.repeat(2)}`],
    [`rk_live_${'4eC39HqLyjWD'.repeat(2)}`],
    [`glpat-${'aB3d-'.repeat(4)}`],
    [`npm_${'aB3d'.repeat(9)}`],
    [`hvs.${'CAES'.repeat(10)}`],
    [JWT],
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'],
    ['4111111111111111'],
    ['4111 1111 1111 1111'],
    ['4111-1111-1111-1111'],
    ['378282246310005'],
    ['3782 822463 10005'],
    ['5555555555554444'],
    ['2223003122003222'],
    ['6011111111111117'],
    ['30569309025904'],
    ['3530111333300000'],
    ['6304000000000000000'],
  ])('%s', (secret) => {
    expect(redactText(`before ${secret}, after`)).toBe('before [REDACTED], after');
    expect(redactText(secret)).toBe('[REDACTED]');
    expect(redactText(`(${secret})`)).toBe('([REDACTED])');
    expect(redactBody('application/json', `{"a":["${secret}"]}`)).toBe('{"a":["[REDACTED]"]}');
    expect(redactHeader('X-A', secret)).toBe('[REDACTED]');
    expect(redactTarget(`/a/${secret}/b`)).toBe('/a/[REDACTED]/b');
    expect(redactTarget(`/a?b=${encodeURIComponent(secret)}&c`)).toBe('/a?b=[REDACTED]&c');
  });

  test('credentials with their scheme', () => {
    expect(redactText('sent Bearer abc123DEF, then')).toBe('sent [REDACTED], then');
    expect(redactText('Bearer x')).toBe('[REDACTED]');
    expect(redactText('use Basic dXNlcjpwYXNz now')).toBe('use [REDACTED] now');
  });

  test('userinfo', () => {
    expect(redactText('at postgres://app:pw@db:5432/x ok')).toBe('at postgres://[REDACTED]@db:5432/x ok');
    expect(redactText('amqp://u:p%40@h')).toBe('amqp://[REDACTED]@h');
    expect(redactText('git clone https://0123456789abcdef01@github.com/x')).toBe(
      'git clone https://[REDACTED]@github.com/x',
    );
  });

  test('a private key, not a certificate', () => {
    const pem = (label: string): string => `-----BEGIN ${label}-----\nMIIabc=\n-----END ${label}-----`;
    for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK']) {
      expect(redactText(`a\n${pem(label)}\nb`)).toBe('a\n[REDACTED]\nb');
    }
    for (const label of ['CERTIFICATE', 'PUBLIC KEY']) expect(redactText(pem(label))).toBe(pem(label));
  });
});

describe('what only looks like a secret stays', () => {
  test.each([
    '4111111111111112',
    '1234567890123456',
    '41111111111111111111',
    '0.4111111111111111',
    '4111111111111111.5',
    'a4111111111111111',
    '4111111111111111f',
    '411 1111 1111 11111',
    '2024-01-15 10:20:30.123456',
    '1700000000000000000',
    '550e8400-e29b-41d4-a716-446655440000',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'keyJson.parse.value',
    'eyJ is how they begin',
    'eyJsonSerializerFactory.builder.create',
    'Bearer realm="x"',
    'the bearer of this letter',
    'Bearer authentication is used',
    'Basic membership',
    'basic training: advanced',
    'https://example.com:8080/a/b?page=2&q=a+b%20c#top',
    'http://[::1]:80/',
    'ssh://git@github.com/a',
    'mailto:a@b.c',
    'monkey=1 keyboard: 2 author=x passenger: y compass=3',
    '10:20:30 12:00',
    'std::vector a::b',
    'if (a < b && c > d) x = y',
    'ghp_short AKIAshort xox sk_live npm_',
    'a=b=c==',
    'C:\\path\\to\\file',
    'text/html;q=0.9,*/*;q=0.8',
    'max-age=0, no-cache',
    '-----BEGIN',
    '<b>bold</b> <a href="/x">y</a>',
    '100% of 5% %zz',
    'the user said: hello',
    '::1',
    '{"a":"b"}',
  ])('%s', (text) => {
    expect(redactText(text)).toBe(text);
    expect(redactBody('text/plain', text)).toBe(text);
    expect(redactHeader('X-A', text)).toBe(text);
    const json = JSON.stringify({ a: text });
    expect(redactBody('application/json', json)).toBe(json);
  });
});
