/**
 * Adds up what scripts/test.sh left in a folder: `NAME.check` (pass or fail) and vitest's `NAME.json`.
 * Prints what failed or passed only at a second try, then "N passed, N failed". A suite without a report, or a file that could not be
 * loaded, is a failure too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const [folder, ...suites] = process.argv.slice(2);
let passed = 0;
let skipped = 0;
const failures = [];
const retried = [];

for (const name of readdirSync(folder).filter((file) => file.endsWith('.check'))) {
  if (readFileSync(join(folder, name), 'utf8').trim() === 'pass') passed++;
  else failures.push(`npm run ${name.replace('.check', '')}`);
}

for (const suite of suites) {
  const file = join(folder, `${suite}.json`);
  if (!existsSync(file)) {
    failures.push(`${suite}: no report (it did not run to its end)`);
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name, status, assertionResults, message } of report.testResults) {
    const path = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const good = assertionResults.filter((test) => test.status === 'passed');
    passed += good.length;
    // A test that passed has messages of the tries before.
    for (const { fullName, failureMessages } of good)
      if (failureMessages.length > 0) retried.push(`${path}: ${fullName}\n${failureMessages[0]}`);
    skipped += assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed').length;
    failures.push(...failed.map((test) => `${path}: ${test.fullName}`));
    if (status === 'failed' && failed.length === 0)
      failures.push(`${path}: ${message || 'failed outside its tests'}`);
  }
}

for (const test of retried) console.log(`SECOND TRY ${test}`);
for (const failure of failures) console.log(`FAILED ${failure}`);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
