import { expect, test } from 'vitest';
import { CliError, Exit } from '../errors.ts';
import { describeTargets, readTargets, sameTargets } from './targets.ts';

const NONE: Parameters<typeof readTargets>[1] = { excludeNamespace: [], selector: '' };
const read = (wanted: Partial<Parameters<typeof readTargets>[0]>, more = NONE) =>
  readTargets({ pods: '', refs: [], namespaces: undefined, ...wanted }, more, 'here').spec;

test('namespaces are those that were said, else where references are, else the context’s', () => {
  expect(read({}).namespaces).toEqual(['here']);
  expect(read({ namespaces: [] }).namespaces).toEqual([]);
  expect(read({ namespaces: ['a', 'b', 'a'] }).namespaces).toEqual(['a', 'b']);
  expect(read({ refs: ['shop/svc/cart'] }).namespaces).toEqual(['shop']);
  expect(read({ refs: ['shop/svc/cart', 'deploy/x'] }).namespaces).toEqual(['shop', 'here']);
  expect(read({ refs: ['shop/svc/cart'], pods: 'web' }).namespaces).toEqual(['shop', 'here']);
});

test.each([
  ['an expression that is none', { pods: '(cat' }, NONE],
  ['a reference to no kind', { refs: ['deplyo/x'] }, NONE],
  ['a selector that is none', {}, { ...NONE, selector: 'app in (' }],
  ['all excluded', { namespaces: ['a'] }, { ...NONE, excludeNamespace: ['a'] }],
  ['no name of a namespace', { namespaces: ['A_b'] }, NONE],
])('%s is a usage error', (_what, wanted, more) => {
  try {
    read(wanted, more);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).exit).toBe(Exit.usage);
  }
});

test('targets are described as one would type them', () => {
  expect(describeTargets(read({ pods: 'cart.*', namespaces: ['a', 'b'] }))).toBe("'cart.*' -n a -n b");
  expect(describeTargets(read({ namespaces: [] }, { excludeNamespace: ['x'], selector: 'app=web' }))).toBe(
    '-A --exclude-namespace x -l app=web',
  );
});

test('the same targets in another order are the same', () => {
  expect(sameTargets(read({ namespaces: ['a', 'b'] }), read({ namespaces: ['b', 'a'] }))).toBe(true);
  expect(sameTargets(read({ namespaces: ['a'] }), read({ namespaces: ['b'] }))).toBe(false);
  expect(sameTargets(read({ pods: 'x' }), read({}))).toBe(false);
});
