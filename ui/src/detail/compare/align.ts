/** One line of a comparison: what stands in the first, in the second, or in both. */
export interface Compared {
  a?: string;
  b?: string;
  same: boolean;
}

export interface ComparedPair extends Compared {
  name: string;
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** Pairs side by side by their names, case apart; of a repeated name the first with the first, and so on. In the first's order. */
export function alignPairs(a: Pairs, b: Pairs): ComparedPair[] {
  const rest = new Map<string, string[]>();
  for (const [name, value] of b) {
    const key = name.toLowerCase();
    rest.set(key, [...(rest.get(key) ?? []), value]);
  }
  const both = a.map(([name, value]) => compared(name, value, rest.get(name.toLowerCase())?.shift()));
  const onlyB = b.flatMap(([name]) => {
    const value = rest.get(name.toLowerCase())?.shift();
    return value === undefined ? [] : [compared(name, undefined, value)];
  });
  return [...both, ...onlyB];
}

export function compared(name: string, a: string | undefined, b: string | undefined): ComparedPair {
  return {
    name,
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
    same: a === b,
  };
}

/** Cells of the table that finds what two texts have in common; larger texts are set side by side where they begin to differ. */
const MOST_CELLS = 4_000_000;

/** Lines side by side: those that both have stand in one row, those that only one has alone or beside one of the other's. */
export function alignLines(a: readonly string[], b: readonly string[]): Compared[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [
    ...a.slice(0, start).map(alike),
    ...differing(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(alike),
  ];
}

function differing(a: readonly string[], b: readonly string[]): Compared[] {
  if (a.length * b.length > MOST_CELLS) return besides(a, b);
  const width = b.length + 1;
  // common[i, j]: how many lines a from i on and b from j on have in common, in order.
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const rows: Compared[] = [];
  let [i, j, fromA, fromB] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      rows.push(...besides(a.slice(fromA, i), b.slice(fromB, j)), alike(a[i]!));
      [fromA, fromB] = [++i, ++j];
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) i++;
    else j++;
  }
  return [...rows, ...besides(a.slice(fromA), b.slice(fromB))];
}

function besides(a: readonly string[], b: readonly string[]): Compared[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, n) => ({
    ...(a[n] === undefined ? {} : { a: a[n] }),
    ...(b[n] === undefined ? {} : { b: b[n] }),
    same: false,
  }));
}

function alike(line: string): Compared {
  return { a: line, b: line, same: true };
}
