/**
 * `npm run bench`: compiles the programs and the bench itself, and runs it. Nothing is measured in this process: the
 * loader that runs TypeScript makes code several times slower.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

const built = spawnSync(process.execPath, [compiler, '-p', 'test/bench/tsconfig.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (built.status === 0) {
  const bench = fileURLToPath(new URL('../../dist/test/bench/bench.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [bench, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error('The bench was not run: it could not be built.');
  process.exitCode = 1;
}
