import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LiveResult } from './scenario.ts';

const SCENARIO = fileURLToPath(new URL('./scenario.js', import.meta.url));
/** Runs a command where nothing else is on the network: the namespace is gone when its last process is. */
const APART = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** `missing`: why there is no figure. Rejects if the scenario fails. */
export async function benchLive(seconds: number): Promise<LiveResult | { missing: string }> {
  if (process.platform !== 'linux') return { missing: 'only on Linux' };
  const command = [process.execPath, SCENARIO, String(seconds)];
  const [file, ...args] = canUnshare() ? ['unshare', ...APART, ...command] : command;
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  if (output === '') throw new Error('the live scenario failed');
  return JSON.parse(output) as LiveResult | { missing: string };
}

function canUnshare(): boolean {
  return spawnSync('unshare', [...APART, 'true']).status === 0;
}
