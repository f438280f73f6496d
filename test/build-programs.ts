/** Set-up of the end-to-end tests: they run the programs as users do, built. Types are checked elsewhere. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export default function buildPrograms(): void {
  const output = ['node_modules/typescript/bin/tsc -p tsconfig.build.json', 'scripts/bundle-kubernetes.mjs']
    .map((script) => spawnSync(process.execPath, script.split(' '), { cwd: root, encoding: 'utf8' }))
    .map(({ stdout, stderr }) => stdout + stderr);
  if (!existsSync(new URL('../dist/hub/kubernetes-client.js', import.meta.url)))
    throw new Error(`the build failed:\n${output.join('\n')}`);
}
