import { RedactError } from './error.ts';
import { MAX_NAME, NameMatcher, type NamePattern, normalizeName } from './name-matcher.ts';
import { DEPTH_STEP, NameMemo, SLOT_MASK } from './name-memo.ts';
import { HARMLESS, INSIDE, NAMED, NAMING, WHOLE } from './names.ts';

export interface PolicyOptions {
  /** Names in addition to the defaults; each matches as one or several whole words of a name. */
  readonly fields?: readonly string[];
  /** Names to take off: the default of that name, and names that are this one and no more. */
  readonly keep?: readonly string[];
  /** False: nothing is a secret. Default true. */
  readonly enabled?: boolean;
}

/** What a name says, as bits. */
export const Verdict = {
  /** Its value is a secret. */
  sensitive: 1,
  /** Its value is the name of something whose value stands beside it: `{"name": "token", "value": "x"}`. */
  naming: 2,
  /** Its value is the value of something named beside it. */
  named: 4,
  /** Kept, whatever else is said. */
  kept: 8,
  /** The name has octets that are not ASCII. */
  foreign: 16,
} as const;

function isAscii(data: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (data[i] >= 0x80) return false;
  return true;
}

/** Judges names. Verdicts are remembered, so a name seen before costs a comparison. */
export class Policy {
  readonly enabled: boolean;
  readonly #matcher: NameMatcher;
  /** What was decided before. For JSON, which guesses the next name by the last. */
  readonly memo = new NameMemo();

  constructor(patterns: readonly NamePattern[], enabled: boolean) {
    this.#matcher = new NameMatcher(patterns);
    this.enabled = enabled;
  }

  /** Whether the value of the name `data[start, end)` is a secret. The bytes are the name itself: escapes undone, no quotes. */
  isSensitive(data: Uint8Array, start: number, end: number): boolean {
    return (this.judge(data, start, end) & Verdict.sensitive) !== 0;
  }

  /** The bits of `Verdict` for the name. Never `kept`: a kept name is just not sensitive. */
  judge(data: Uint8Array, start: number, end: number): number {
    const slot = NameMemo.slotOf(data, start, end);
    return slot === 0 ? this.#decide(data, start, end) : this.#judgeSlot(slot, data, start, end);
  }

  /** `judge`, for a name that came after the last one in the memo. Answers the slot of this one, 0 if it has none. */
  judgeNext(depth: number, data: Uint8Array, start: number, end: number): number {
    const { memo } = this;
    const slot = NameMemo.slotOf(data, start, end);
    if (slot !== 0) {
      this.#judgeSlot(slot, data, start, end);
      memo.next[(memo.last + depth * DEPTH_STEP) & SLOT_MASK] = slot;
    }
    memo.last = slot;
    return slot;
  }

  #judgeSlot(slot: number, data: Uint8Array, start: number, end: number): number {
    if (this.memo.holds(slot, data, start, end)) return this.memo.verdicts[slot];
    const verdict = this.#decide(data, start, end);
    this.memo.put(slot, data, start, end, verdict);
    return verdict;
  }

  /** Whether the name ends with a sensitive one: `your phone number`, not `the user said`. */
  endsSensitive(data: Uint8Array, start: number, end: number): boolean {
    if (!this.enabled || end <= start) return false;
    if (end - start > MAX_NAME) start = end - MAX_NAME;
    const verdict = this.#matcher.match(data, start, end, true);
    return (verdict & (Verdict.sensitive | Verdict.kept)) === Verdict.sensitive;
  }

  /** A name too long to be one is taken for sensitive: better an innocent value hidden than a secret shown. */
  #decide(data: Uint8Array, start: number, end: number): number {
    if (!this.enabled) return 0;
    if (end - start > MAX_NAME) return Verdict.sensitive | Verdict.foreign;
    const verdict = this.#matcher.match(data, start, end, false);
    const foreign = isAscii(data, start, end) ? 0 : Verdict.foreign;
    return (
      foreign | ((verdict & Verdict.kept) !== 0 ? verdict & ~(Verdict.kept | Verdict.sensitive) : verdict)
    );
  }
}

/**
 * The defaults of `names.ts` with the user's changes. Throws RedactError for a name that has no letter or digit
 * (`REDACT_FIELD`, `REDACT_KEEP`).
 */
export function createPolicy(options: PolicyOptions = {}): Policy {
  const keep = new Set((options.keep ?? []).map((name) => normalized(name, 'REDACT_KEEP')));
  const fields = (options.fields ?? []).map((name) => normalized(name, 'REDACT_FIELD'));
  const patterns: NamePattern[] = [];
  const add = (texts: Iterable<string>, match: NamePattern['match'], verdict: number): void => {
    for (const text of texts) patterns.push({ text, match, verdict });
  };
  add(
    INSIDE.filter((name) => !keep.has(name)),
    'inside',
    Verdict.sensitive,
  );
  add(
    WHOLE.filter((name) => !keep.has(name)),
    'whole',
    Verdict.sensitive,
  );
  add(fields, 'whole', Verdict.sensitive);
  add(NAMING, 'exact', Verdict.naming);
  add(NAMED, 'exact', Verdict.named);
  const asked = new Set(fields);
  add(
    [...HARMLESS, ...keep].filter((name) => !asked.has(name)),
    'exact',
    Verdict.kept,
  );
  return new Policy(patterns, options.enabled ?? true);
}

function normalized(name: string, code: 'REDACT_FIELD' | 'REDACT_KEEP'): string {
  const text = normalizeName(name);
  if (text === '' || text.length > MAX_NAME) {
    const option = code === 'REDACT_FIELD' ? '--redact-field' : '--redact-keep';
    throw new RedactError(
      code,
      `${option} ${JSON.stringify(name)}: give a name with letters or digits, at most ${MAX_NAME}.`,
    );
  }
  return text;
}
