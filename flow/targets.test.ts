import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileTargets, EVERY_POD, readTargetSpec, TargetError, type TargetSpec } from './targets.ts';

function spec(part: Partial<TargetSpec>): TargetSpec {
  return { ...EVERY_POD, ...part };
}

function errorOf(part: Partial<TargetSpec>): TargetError {
  try {
    compileTargets(spec(part));
  } catch (error) {
    if (error instanceof TargetError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(part)} was accepted`);
}

function namesMatching(pods: string, names: string[]): string[] {
  const targets = compileTargets(spec({ pods }));
  return names.filter((name) => targets.matchesName(name));
}

const SHOP = ['front-end-5c9f', 'catalogue-77d', 'catalogue-db-0', 'carts-1', 'carts.db-1'];

test('an empty spec matches everything, with no hint', () => {
  const targets = compileTargets(EVERY_POD);
  expect(targets.hints).toEqual([]);
  expect(targets.matchesName('x')).toBe(true);
  expect(targets.matchesNamespace('kube-system')).toBe(true);
  expect(targets.matchesLabels({})).toBe(true);
});

test.each([
  ['(catalo.*|front-end.*)', ['front-end-5c9f', 'catalogue-77d', 'catalogue-db-0']],
  ['catalogue', ['catalogue-77d', 'catalogue-db-0']],
  ['^carts-\\d$', ['carts-1']],
  ['(?i)CARTS', ['carts-1', 'carts.db-1']],
  ['carts?.db', ['carts.db-1']],
])('the regular expression %s is matched anywhere in the name', (pods, expected) => {
  expect(namesMatching(pods, SHOP)).toEqual(expected);
  expect(compileTargets(spec({ pods })).hints).toEqual([]);
});

test.each([
  ['*', SHOP],
  ['**', SHOP],
  ['catalogue-*', ['catalogue-77d', 'catalogue-db-0']],
  ['catalogue*', ['catalogue-77d', 'catalogue-db-0']],
  ['*-db-?', ['catalogue-db-0']],
  ['carts.db*', ['carts.db-1']],
  ['*db*', ['catalogue-db-0', 'carts.db-1']],
])('the glob %s is understood, over the whole name, and that is said', (pods, expected) => {
  expect(namesMatching(pods, SHOP)).toEqual(expected);
  expect(namesMatching('end*', SHOP)).toEqual([]);
  expect(compileTargets(spec({ pods })).hints).toHaveLength(1);
});

test.each([
  ['shop-(front|cart', 'missing closing )', 0, 16],
  ['cart[s', 'missing closing ]', 4, 6],
  ['(?=cart)', 'Perl syntax', 0, 3],
  ['(a|*b)', 'repetition', 3, 4],
  ['cart{9999}', 'repeat count', 4, 10],
])('the expression %s is refused at its place', (pods, why, start, end) => {
  const error = errorOf({ pods });
  expect(error).toMatchObject({ code: 'TARGET_INVALID', field: 'pods', start, end });
  expect(error.message).toContain(why);
  expect(error.message).toContain(pods);
});

test('a workload where a pod was expected says what to write', () => {
  expect(errorOf({ pods: 'deploy/checkout' })).toMatchObject({ field: 'pods', start: 6, end: 7 });
});

test('hundreds of names side by side are an expression like any other', () => {
  const names = Array.from({ length: 900 }, (_, n) => `pod-${n}-${(n * 7919).toString(36)}`);
  const pods = `^(${names.join('|')})$`;
  expect(namesMatching(pods, [...names, 'pod-901-x', 'xpod-1-641'])).toEqual(names);
});

test('an expression that would not end elsewhere takes no time', () => {
  const targets = compileTargets(spec({ pods: '^(a+)+$' }));
  const before = performance.now();
  expect(targets.matchesName(`${'a'.repeat(200)}!`)).toBe(false);
  expect(performance.now() - before).toBeLessThan(5000);
});

test('namespaces narrow, excluded ones are taken off', () => {
  const targets = compileTargets(spec({ namespaces: ['shop', 'test'], excludeNamespaces: ['test'] }));
  expect(['shop', 'test', 'kube-system'].filter((name) => targets.matchesNamespace(name))).toEqual(['shop']);
  const others = compileTargets(spec({ excludeNamespaces: ['kube-system'] }));
  expect(['shop', 'kube-system'].filter((name) => others.matchesNamespace(name))).toEqual(['shop']);
});

test.each([
  [{ namespaces: ['shop', '../etc'] }, 'namespaces', 1],
  [{ namespaces: ['Shop'] }, 'namespaces', 0],
  [{ namespaces: ['a'.repeat(64)] }, 'namespaces', 0],
  [{ excludeNamespaces: [''] }, 'excludeNamespaces', 0],
  [{ namespaces: ['shop'], excludeNamespaces: ['shop'] }, 'excludeNamespaces', 0],
  [{ namespaces: ['shop'], refs: ['svc/a', 'other/svc/b'] }, 'refs', 1],
] as const)('%j can match nothing', (part, field, index) => {
  expect(errorOf(part as unknown as Partial<TargetSpec>)).toMatchObject({ field, index });
});

const WEB = { app: 'web', tier: 'front', 'app.kubernetes.io/name': 'web', weight: '12', empty: '' };

test.each([
  ['', true],
  ['  ', true],
  ['app=web', true],
  ['app==web', true],
  [' app = web , tier != back ', true],
  ['app!=web', false],
  ['absent!=x', true],
  ['absent=x', false],
  ['app', true],
  ['!app', false],
  ['!absent', true],
  ['absent', false],
  ['app in (web, shop)', true],
  ['app in(web)', true],
  ['app in (shop)', false],
  ['app notin (shop,cart)', true],
  ['app notin (web)', false],
  ['absent notin (web)', true],
  ['absent in (,web)', false],
  ['empty in (,web)', true],
  ['empty=', true],
  ['empty', true],
  ['app=', false],
  ['app.kubernetes.io/name=web,weight>11,weight<13', true],
  ['weight>12', false],
  ['app>1', false],
  ['absent<1', false],
  ['in in (x)', false],
  ['constructor', false],
  ['constructor!=x', true],
])('the selector "%s" holds for a web pod: %s', (selector, expected) => {
  expect(compileTargets(spec({ selector })).matchesLabels(WEB)).toBe(expected);
});

test.each([
  ['app=web,', 8, 'the end'],
  [',app', 0, '","'],
  ['app web', 4, '"web"'],
  ['app=a=b', 5, '"="'],
  ['app in web', 7, '"web"'],
  ['app in ()', 8, '")"'],
  ['app in (web', 11, 'the end'],
  ['app in (a b)', 10, '"b"'],
  ['weight>many', 7, '"many"'],
  ['-app', 0, '"-app"'],
  ['/app', 0, '"/app"'],
  ['a/b/c=1', 0, '"a/b/c"'],
  ['UPPER.io/a', 0, '"UPPER.io/a"'],
  ['app=web!', 7, '"!"'],
  [`app=${'x'.repeat(64)}`, 4, 'xxx'],
  ['app=(web)', 4, '"("'],
])('the selector "%s" is wrong at character %i', (selector, start, found) => {
  const error = errorOf({ selector });
  expect(error).toMatchObject({ field: 'selector', start });
  expect(error.message).toContain(found);
});

test('any text is a selector or a TargetError at a place within it', () => {
  const piece = fc.constantFrom(
    'app',
    'in',
    'notin',
    '=',
    '!=',
    '!',
    '(',
    ')',
    ',',
    '<',
    ' ',
    'a/b',
    '1',
    '\u00e9',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((parts) => parts.join('')),
      ),
      (selector) => {
        try {
          compileTargets(spec({ selector })).matchesLabels(WEB);
        } catch (error) {
          if (!(error instanceof TargetError)) throw error;
          expect(error.start).toBeGreaterThanOrEqual(0);
          expect(error.end).toBeLessThanOrEqual(selector.length);
          expect(error.start).toBeLessThanOrEqual(error.end);
        }
      },
    ),
  );
});

test.each([
  ['deploy/checkout', { kind: 'Deployment', name: 'checkout', namespace: undefined }],
  ['deployments.apps/checkout', { kind: 'Deployment', name: 'checkout', namespace: undefined }],
  ['deployment.v1.apps/checkout', { kind: 'Deployment', name: 'checkout', namespace: undefined }],
  ['shop/svc/cart', { kind: 'Service', name: 'cart', namespace: 'shop' }],
  ['services/cart', { kind: 'Service', name: 'cart', namespace: undefined }],
  ['po/cart-1', { kind: 'Pod', name: 'cart-1', namespace: undefined }],
  ['sts/db', { kind: 'StatefulSet', name: 'db', namespace: undefined }],
  ['ds/agent', { kind: 'DaemonSet', name: 'agent', namespace: undefined }],
  ['rs/web-7c', { kind: 'ReplicaSet', name: 'web-7c', namespace: undefined }],
  ['rc/old', { kind: 'ReplicationController', name: 'old', namespace: undefined }],
  ['job/once', { kind: 'Job', name: 'once', namespace: undefined }],
  ['CJ/nightly', { kind: 'CronJob', name: 'nightly', namespace: undefined }],
])('%s is a reference', (text, ref) => {
  expect(compileTargets(spec({ refs: [text] })).refs).toEqual([ref]);
});

test.each([
  ['checkout', 'KIND/NAME', 0, 8],
  ['a/b/c/d', 'KIND/NAME', 0, 7],
  ['deployy/checkout', 'Did you mean deploy', 0, 7],
  ['cm/settings', 'no kind "cm"', 0, 2],
  ['ns/shop', '-n', 0, 2],
  ['deploy.batch/x', 'no kind', 0, 12],
  ['deploy/', 'name of an object', 7, 7],
  ['deploy/Check', 'name of an object', 7, 12],
  ['shop!/svc/cart', 'namespace', 0, 5],
])('the reference %s is refused', (text, why, start, end) => {
  const error = errorOf({ refs: ['svc/right', text] });
  expect(error).toMatchObject({ field: 'refs', index: 1, start, end });
  expect(error.message).toContain(why);
});

test('a spec of JSON: what is left out is empty', () => {
  expect(readTargetSpec({})).toEqual(EVERY_POD);
  expect(readTargetSpec({ pods: 'a', refs: ['svc/x'] })).toEqual(spec({ pods: 'a', refs: ['svc/x'] }));
});

test.each([
  [null],
  ['*'],
  [[]],
  [{ pod: 'a' }],
  [{ pods: 1 }],
  [{ selector: null }],
  [{ namespaces: 'shop' }],
  [{ refs: [1] }],
  [{ namespaces: Array(10_001).fill('a') }],
])('%j is no spec', (value) => {
  expect(() => readTargetSpec(value)).toThrow(TargetError);
});
