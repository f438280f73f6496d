import { FIELDS } from '../fields.ts';

/**
 * The field that a wrong name was probably meant for: one that is spelt nearly so, one whose name is its last part
 * (`request.method`) or goes on from there (`response.status`), or the one that is spelt most like it.
 */
export function nearestField(word: string): string | undefined {
  const names = FIELDS.map(({ name }) => name);
  const last = word.slice(word.lastIndexOf('.') + 1).toLowerCase();
  const spelt = nearest(word, names);
  const slips = word.length > 5 ? 2 : 1;
  if (spelt !== undefined && editDistance(word.toLowerCase(), spelt) <= slips) return spelt;
  return names.find((name) => name === last) ?? names.find((name) => name.startsWith(`${last}_`)) ?? spelt;
}

/** The candidate with the fewest edits from `word` (insert, delete, replace), if it is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, replace));
    }
    row = next;
  }
  return row[b.length];
}
