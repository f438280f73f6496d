/** Completion as shells and kubectl ask for it. zsh, fish and kubectl are tried where they are there. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clusterTool, toolsMissing } from '../cluster-tools.ts';
import { KubeServer } from '../kube/server.ts';
import { MAIN, openSandbox, type Sandbox, sleep } from './cli-support.ts';

const FRONT = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'front-7d9-x', namespace: 'shop' } };

let kube: KubeServer;
let sandbox: Sandbox;
let environment: Record<string, string>;
beforeAll(async () => {
  kube = await KubeServer.start({ objects: [FRONT] });
  sandbox = openSandbox();
  const bin = join(sandbox.root, 'bin');
  mkdirSync(bin);
  const plugin = join(MAIN, '../kubectl-complete.js');
  writeFileSync(join(bin, 'remora'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  // As npm links the programs of a package: what they are called is all that differs.
  for (const file of [MAIN, plugin]) chmodSync(file, 0o755);
  chmodSync(join(bin, 'remora'), 0o755);
  symlinkSync(MAIN, join(bin, 'kubectl-remora'));
  symlinkSync(plugin, join(bin, 'kubectl_complete-remora'));
  environment = {
    KUBECONFIG: kube.kubeconfig(),
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    XDG_CACHE_HOME: join(sandbox.root, 'cache'),
  };
});
afterAll(async () => {
  await sandbox.close();
  await kube.stop();
});

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

function shell(command: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: sandbox.root,
    env: { ...sandbox.environment, ...environment },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What Tab gives in bash behind these words; bash splits them at `=` and `:` itself. */
function bash(line: string): string[] {
  const words = [...line.matchAll(/[=:]|[^\s=:]+/g)].map(([word]) => `'${word}'`);
  if (line.endsWith(' ')) words.push("''");
  return shell(
    'bash',
    '-c',
    `source <(remora completion bash)
     COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1} COMP_LINE='${line}'
     _remora 2>/dev/null
     printf '%s\\n' "$\{COMPREPLY[@]}"`,
  );
}

describe('bash', () => {
  test('commands, options and values', () => {
    expect(bash('remora conf')).toEqual(['config']);
    expect(bash('remora tap --outp')).toEqual(['--output']);
    expect(bash('remora tap -o ')).toEqual(['ui', 'text', 'json']);
  });

  test('of a word that bash has split, the last part', () => {
    expect(bash('remora tap --output=')).toEqual(['ui', 'text', 'json']);
    expect(bash('remora tap --output=t')).toEqual(['text']);
  });
});

test.skipIf(!has('zsh'))('zsh', () => {
  const script = `
    autoload -Uz compinit; compinit -D -u -d "$HOME/.zcompdump"
    source <(remora completion zsh)
    _describe() { local -a list; list=("\${(@P)3}"); print -rl -- "\${list[@]}" }
    words=(remora tap --output=t) CURRENT=3; _remora
    words=(remora config get max) CURRENT=4; _remora`;
  expect(shell('zsh', '-f', '-c', script)).toEqual([
    '--output=text',
    expect.stringMatching(/^max-body:how much of each body/),
  ]);
});

test.skipIf(!has('fish'))('fish', () => {
  const script = `
    remora completion fish | source
    complete -C 'remora tap --output=t'
    complete -C 'remora config get max'`;
  expect(shell('fish', '--no-config', '-c', script)).toEqual([
    '--output=text',
    expect.stringMatching(/^max-body\thow much of each body/),
  ]);
});

describe('live', () => {
  /** The first time may be too early for an answer: it is looked up for the second. */
  async function complete(...words: string[]): Promise<string> {
    for (let i = 0; ; i++) {
      const { status, stdout, stderr } = await sandbox.run(['__complete', '--', ...words], { environment });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      if (stdout.includes('\n:') || i === 20) return stdout;
      await sleep(200);
    }
  }

  test('pods, namespaces and contexts are those of the cluster', async () => {
    expect(await complete('tap', '-n', 'shop', 'fro')).toBe('front-7d9-x\tshop\n:4\n');
    expect(await complete('tap', '-n', 'sh')).toBe('shop\n:4\n');
    expect(await complete('tap', '--context', '')).toMatch(/^test\t.*\n:4\n$/);
  });

  test('a cluster that does not answer costs less than a moment, and no word', async () => {
    kube.faults.add({ resource: 'services' }, { kind: 'stall' });
    const startedAt = performance.now();
    const { status, stdout, stderr } = await sandbox.run(['__complete', '--', 'tap', 'svc/x'], {
      environment,
    });
    const took = performance.now() - startedAt;
    kube.faults.clear();
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: ':4\n', stderr: '' });
    // One second on a machine that has nothing else to do.
    expect(took).toBeLessThan(3000);
  });

  test('without a cluster, and with a broken settings file, there are still commands and no complaint', async () => {
    writeFileSync(join(sandbox.root, 'remora.yaml'), 'prot: [\n');
    const { status, stdout, stderr } = await sandbox.run(['__complete', '--', 'tap', '-n', ''], {
      environment: { ...environment, KUBECONFIG: '/does/not/exist' },
    });
    writeFileSync(join(sandbox.root, 'remora.yaml'), '');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: ':4\n', stderr: '' });
  });
});

test.skipIf(toolsMissing !== undefined)('the real kubectl runs and completes the plugin', async () => {
  const kubectl = await clusterTool('kubectl');
  const { stdout } = spawnSync(kubectl, ['__complete', 'remora', 'tap', '--outp'], {
    encoding: 'utf8',
    env: { ...sandbox.environment, ...environment },
  });
  expect(stdout).toMatch(/^--output\t.*\n:4\n/);
  const help = spawnSync(kubectl, ['remora', 'logs', '--help'], {
    encoding: 'utf8',
    env: { ...sandbox.environment, ...environment },
  });
  expect(help.stdout).toContain('Usage: kubectl remora logs');
  expect(help.stdout).toContain('$ kubectl remora logs -w');
});
