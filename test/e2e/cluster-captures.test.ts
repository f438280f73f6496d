import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '../../cli/settings/resolve.ts';
import { openFileFlows } from '../../cli/tap/file-flows.ts';
import { planTap } from '../../cli/tap/plan.ts';
import type { Flow } from '../../flow/flow.ts';
import { type CaptureSet, hasClusterCaptures, readCaptureSets } from '../kubernetes/captures.ts';
import { differences, requestId } from '../kubernetes/compare.ts';
import { kubectlObjects } from '../kubernetes/objects.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'remora-test-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As `remora tap --pcap … --objects … -o json`, in this process. */
async function flowsOf(set: CaptureSet, files: string[], full: boolean): Promise<Flow[]> {
  const objects = join(directory, `${set.name}-${full}.json`);
  writeFileSync(objects, kubectlObjects(set.truth, full));
  const plan = planTap(
    [],
    { pcap: files, objects, redact: false, yesShowSecrets: true },
    resolveSettings({
      flags: { output: 'json' },
      environment: {},
      directory,
      userFile: join(directory, 'none'),
    }),
  );
  if (plan.source.kind !== 'files') throw new Error('not a plan for files');
  const opened = await openFileFlows(plan, plan.source.files);
  try {
    const flows: Flow[] = [];
    for await (const some of opened.flows()) flows.push(...some);
    return flows;
  } finally {
    await opened.close();
  }
}

const sets = hasClusterCaptures ? readCaptureSets() : [];
const runs = sets.flatMap((set) =>
  set.files.flatMap(({ linkType, arguments: files }) =>
    [true, false].map((full) => ({
      name: `${set.name}, ${linkType}${full ? '' : ', bare objects'}`,
      set,
      files,
      full,
    })),
  ),
);

describe.skipIf(!hasClusterCaptures)(
  'capture sets of a real cluster: every exchange once, with its names',
  () => {
    const counted = runs.filter(({ set }) => !/unfiltered|lossy/.test(set.name));
    test.each(counted)('$name', async ({ set, files, full }) => {
      expect(differences(set.truth, await flowsOf(set, files, full))).toEqual([]);
    });

    const open = runs.filter(({ set }) => /unfiltered|lossy/.test(set.name));
    test.each(open)('$name: nothing twice, and the names', async ({ set, files, full }) => {
      const flows = await flowsOf(set, files, full);
      const known = flows.filter((flow) => requestId(flow) !== undefined);
      const wrong = differences(set.truth, known);
      const lost = set.name.includes('lossy') ? 5 : 0;
      expect(wrong.filter((what) => what.endsWith(': 0 flows')).length).toBeLessThanOrEqual(lost);
      expect(wrong.filter((what) => !what.endsWith(': 0 flows'))).toEqual([]);
    });
  },
);
