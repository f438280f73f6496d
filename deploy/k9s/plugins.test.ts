import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../cli/settings/table.ts';
import { compileTargets } from '../../flow/targets.ts';

interface Plugin {
  shortCut: string;
  scopes: string[];
  command: string;
  args: string[];
  background: boolean;
}

const { plugins } = parse(readFileSync(new URL('plugins.yaml', import.meta.url), 'utf8')) as {
  plugins: Record<string, Plugin>;
};

/** As k9s does, the longest names first. */
const ROW = { KUBECONFIG: '/a:/b', NAMESPACE: 'shop', CONTEXT: 'prod', NAME: 'checkout' };
const substitute = (arg: string) =>
  Object.entries(ROW).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), arg);

test('one key in every view, once', () => {
  const scopes = Object.values(plugins).flatMap((plugin) => plugin.scopes);
  expect(new Set(scopes).size).toBe(scopes.length);
  expect(scopes).toEqual(expect.arrayContaining(['pods', 'deployments', 'namespaces']));
  expect(new Set(Object.values(plugins).map(({ shortCut }) => shortCut))).toEqual(new Set(['Shift-T']));
});

test.each(Object.entries(plugins))('%s: what it types is understood by remora', (name, plugin) => {
  expect(plugin).toMatchObject({ command: 'env', background: false });
  const [kubeconfig, program, command, ...words] = plugin.args.map(substitute);
  expect([kubeconfig, program, command]).toEqual(['KUBECONFIG=/a:/b', 'remora', 'tap']);
  const flags = words.filter((word) => word.startsWith('--'));
  const known = Object.values(SETTINGS).map((setting) => `--${setting.name}`);
  for (const flag of flags) expect(known).toContain(flag);
  expect(words.join(' ')).toContain('--context prod');
  expect(words.join(' ')).toContain(
    name === 'remora-namespace' ? '--namespace checkout' : '--namespace shop',
  );
  const [reference] = words;
  if (name === 'remora-namespace') expect(reference).toBe('--namespace');
  else
    compileTargets({
      pods: '',
      namespaces: ['shop'],
      excludeNamespaces: [],
      selector: '',
      refs: [reference],
    });
});
