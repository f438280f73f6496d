/** Takes secrets out of what goes into an archive that somebody else will read. */

import { wordsOf } from '../../flow/copy.ts';
import { REDACTED } from '../../flow/flow.ts';
import { redactedLength, writeRedacted } from '../../worker/redact/apply.ts';
import { Finder } from '../../worker/redact/finder.ts';
import { createPolicy, Policy } from '../../worker/redact/policy.ts';

/**
 * How a text is read. `log`: values of sensitive names and values that are secrets by themselves. `facts`: only the
 * latter, where names such as `secretName` and `automountServiceAccountToken` are no secrets.
 */
export type TextKind = 'log' | 'facts';

/** Shorter ones would be found by accident. */
const SHORTEST_SECRET = 8;
/** Names that redaction takes for a person's, and that logs of programs use for a machine's. */
const LOG_NAMES = ['address', 'session'];

export class Scrubber {
  private readonly known: string[];
  private readonly finders: Record<TextKind, Finder> = {
    log: new Finder(createPolicy({ keep: LOG_NAMES })),
    facts: new Finder(new Policy([], true)),
  };

  /** `known`: secrets that are taken out wherever they stand, also in base64; of texts of several lines each line. */
  constructor(known: readonly string[]) {
    const parts = known
      .flatMap((secret) => [secret, ...secret.split('\n')])
      .map((part) => part.trim())
      .filter((part) => part.length >= SHORTEST_SECRET && !part.startsWith('-----'));
    const coded = parts.map((part) => Buffer.from(part).toString('base64').replace(/=+$/, ''));
    // Longest first: what is part of another must not spoil it.
    this.known = [...new Set([...parts, ...coded])].toSorted((a, b) => b.length - a.length);
  }

  text(text: string, kind: TextKind): string {
    let clean = text;
    for (const secret of this.known) clean = clean.replaceAll(secret, REDACTED);
    return this.redact(clean, this.finders[kind]);
  }

  private redact(text: string, finder: Finder): string {
    const bytes = Buffer.from(text);
    finder.spans.clear();
    finder.text(bytes, 0, bytes.length, false);
    const { spans } = finder;
    if (spans.count === 0) return text;
    const clean = Buffer.alloc(redactedLength(0, bytes.length, spans));
    writeRedacted(clean, wordsOf(clean), 0, bytes, wordsOf(bytes), 0, bytes.length, spans);
    return clean.toString('utf8');
  }
}
