/** The Dockerfile against the configuration of the archives: both must make the same images. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Component } from '../names.ts';
import { runConfig } from './config.ts';

/** `FROM system AS hub` → hub: its instructions, with lines that go on joined. */
function stages(): Map<string, { base: string; lines: string[] }> {
  const text = readFileSync(new URL('Dockerfile', import.meta.url), 'utf8');
  const found = new Map<string, { base: string; lines: string[] }>();
  let lines: string[] = [];
  for (const line of text
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')) {
    const from = /^FROM (\S+) AS (\S+)/.exec(line);
    if (from !== null) {
      lines = [];
      found.set(from[2], { base: from[1], lines });
    } else if (line !== '') lines.push(line);
  }
  return found;
}

function instruction(stage: string, name: string): string | undefined {
  const { base, lines } = stages().get(stage)!;
  const own = lines.findLast((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  return own ?? (stages().has(base) ? instruction(base, name) : undefined);
}

test.each<Component>(['hub', 'worker'])('%s', (component) => {
  const config = runConfig(component);
  expect(instruction(component, 'USER')).toBe(config.User);
  expect(instruction(component, 'WORKDIR')).toBe(config.WorkingDir);
  expect(instruction(component, 'STOPSIGNAL')).toBe(config.StopSignal);
  expect(instruction(component, 'ENV')?.split(' ')).toEqual(config.Env);
  expect(JSON.parse(instruction(component, 'ENTRYPOINT') ?? '')).toEqual(config.Entrypoint);
  const labels = instruction(component, 'LABEL')?.matchAll(/(\S+)="([^"]*)"/g);
  expect(Object.fromEntries([...labels!].map(([, name, value]) => [name, value]))).toEqual(config.Labels);
  expect(instruction(component, 'EXPOSE')).toBe(config.ExposedPorts && '8898');
  expect(instruction(component, 'VOLUME')).toBe(config.Volumes && '/data');
});

test('the hub says how it is, a worker has no port to be asked at', () => {
  const [times, command] = instruction('hub', 'HEALTHCHECK')!.split(' CMD ');
  const { Test, Interval, Timeout, StartPeriod, Retries } = runConfig('hub').Healthcheck!;
  expect(['CMD', ...JSON.parse(command)]).toEqual(Test);
  const seconds = (ns: number) => `${ns / 1e9}s`;
  expect(times.trim()).toBe(
    `--interval=${seconds(Interval)} --timeout=${seconds(Timeout)} --start-period=${seconds(StartPeriod)} --retries=${Retries}`,
  );
  expect(instruction('worker', 'HEALTHCHECK')).toBe('NONE');
  expect(runConfig('worker').Healthcheck).toBe(undefined);
});

test('the base is an exact release', () => {
  const text = readFileSync(new URL('Dockerfile', import.meta.url), 'utf8');
  expect(text).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-[a-z]+(@sha256:[0-9a-f]{64})?$/m);
});
