import { defineConfig } from 'vitest/config';

/**
 * Tests of real processes and pages on a machine that others use too get a second try; what needed one is printed at the end.
 * Tests of units get none: one that fails now and then has found something.
 */
const SECOND_TRY = { retry: 1 };

/** For what is waited for: a busy machine takes its time. */
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    // More at once would make those late that look at the clock.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          expect,
          include: ['{flow,worker,hub,cli,deploy,ui,test/packets,test/kube}/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          ...SECOND_TRY,
          globalSetup: ['test/build-programs.ts'],
          include: ['test/{e2e,conformance,fuzz}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Only when asked for: on the cluster of KUBECONFIG (docs/testing-on-a-cluster.md).
        test: {
          name: 'cluster',
          expect,
          globalSetup: ['test/build-programs.ts'],
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'browser',
          expect,
          ...SECOND_TRY,
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/build-page.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
