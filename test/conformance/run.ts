import { compare } from './compare.ts';
import { CORPORA, hasCorpora } from './corpora.ts';
import { readExpected } from './expected.ts';
import { readCapture } from './read-capture.ts';

/**
 * `npm run conformance [NAME]`: reads every capture of the corpora and lists each difference from the ground
 * truth. Exit status 1 where less than 99% of the expected exchanges were read right, or more than 1% beside
 * them that are not there.
 */
const REQUIRED = 0.99;

if (!hasCorpora) {
  console.log(`No corpora at ${CORPORA}: nothing to compare.`);
} else {
  await report(process.argv[2] ?? '');
}

async function report(only: string): Promise<void> {
  let expected = 0;
  let matched = 0;
  let extra = 0;
  for (const capture of readExpected(CORPORA).filter(({ name }) => name.includes(only))) {
    const { flows, counters } = await readCapture(capture.path);
    const result = compare(capture, flows);
    expected += result.expected;
    matched += result.matched;
    extra += result.extra;
    if (only !== '') console.log(JSON.stringify(counters));
    if (result.differences.length === 0) continue;
    console.log(`\n${capture.name}: ${result.matched} of ${result.expected}, ${result.extra} extra`);
    if (!capture.exact) console.log(`  (no reading is certain: ${capture.why})`);
    for (const difference of result.differences) console.log(`  ${difference}`);
  }
  const share = expected === 0 ? 1 : matched / expected;
  console.log(
    `\n${matched} of ${expected} exchanges read right (${(100 * share).toFixed(2)}%), ${extra} extra.`,
  );
  if (share < REQUIRED || extra > expected * (1 - REQUIRED)) process.exitCode = 1;
}
