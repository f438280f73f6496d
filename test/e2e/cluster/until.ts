import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is yes. Rejects after the limit with what was waited for. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`after ${limitMs / 1000} s still not: ${what}`);
    await sleep(50);
  }
}
