import picocolors from 'picocolors';
import { describe, expect, test } from 'vitest';
import { failed, failedBy, ok, skipped, warning } from './finding.ts';
import { exitStatus, formatFinding, formatJson, formatSummary } from './report.ts';

const plain = picocolors.createColors(false);
const well = ok('A', 'it works');
const known = warning('B', 'it is slow', 'Wait.');
const broken = failed('C', 'it is broken', 'Mend it.');
const refused = { ...failed('D', 'you may not'), refused: true };

test('a finding is one line with its sign, and its remedy where there is one', () => {
  const lines = [well, known, broken, skipped('E', 'not looked at')].map((each) =>
    formatFinding(each, plain, undefined),
  );
  expect(lines).toEqual([
    '✓ it works\n',
    '! it is slow. Wait.\n',
    '✗ it is broken. Mend it.\n',
    '– not looked at\n',
  ]);
});

test('on a narrow terminal it goes on below its text, and no line is too long', () => {
  const text = formatFinding(failed('X', 'word '.repeat(30).trim(), 'Do this.'), plain, 40);
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(3);
  for (const [i, line] of lines.entries()) {
    expect(line.length).toBeLessThanOrEqual(40);
    expect(line).toMatch(i === 0 ? /^✗ / : /^ {2}\S/);
  }
});

test('what a cluster says cannot act on the terminal', () => {
  expect(formatFinding(ok('X', 'a\u001b[2Jb\nc'), plain, undefined)).toBe('✓ a\\u001b[2Jb\\u000ac\n');
});

describe('the whole', () => {
  test('is well with warnings, failed with failures, refused where only rights are missing', () => {
    expect(exitStatus([well, known])).toBe(0);
    expect(exitStatus([well, broken])).toBe(1);
    expect(exitStatus([well, refused])).toBe(3);
    expect(exitStatus([refused, broken])).toBe(1);
  });

  test('is summed up', () => {
    expect(formatSummary([well])).toBe('All is well.\n');
    expect(formatSummary([well, known])).toBe('1 warning.\n');
    expect(formatSummary([broken, broken, known, known])).toBe('2 checks failed, 2 warnings.\n');
  });

  test('as JSON has the status, and every finding with its code', () => {
    expect(JSON.parse(formatJson([well, refused]))).toEqual({
      status: 'refused',
      findings: [
        { code: 'A', verdict: 'ok', text: 'it works' },
        { code: 'D', verdict: 'failed', text: 'you may not', refused: true },
      ],
    });
  });
});

test('an error becomes a finding with its remedy', () => {
  const error = Object.assign(new Error('no'), { remedy: 'Ask.', exit: 3 });
  expect(failedBy('X', error)).toEqual({
    code: 'X',
    verdict: 'failed',
    text: 'no',
    remedy: 'Ask.',
    refused: true,
  });
});
