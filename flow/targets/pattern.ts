import { RE2JS, RE2JSSyntaxException } from 're2js';
import { TargetError } from './error.ts';

/** Hundreds of pod names side by side are well below it. */
export const MAX_PATTERN_LENGTH = 256 * 1024;

/** What may stand in a pod's name (RFC 1123 subdomain), and the two signs of a glob. */
const GLOB = /^[A-Za-z0-9.*?-]*$/;

export interface NamePattern {
  readonly hints: readonly string[];
  matches(name: string): boolean;
}

/** An empty text matches every name. Throws TargetError. */
export function compileNamePattern(source: string): NamePattern {
  const pattern = source.trim();
  if (pattern === '') return { hints: [], matches: everyName };
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw invalid(source, `It has ${pattern.length} characters; the limit is ${MAX_PATTERN_LENGTH}.`);
  }
  const slash = source.indexOf('/');
  if (slash >= 0) {
    throw new TargetError(
      'pods',
      'No pod has a "/" in its name. A workload or service is given as a reference of its own, such as deploy/checkout.',
      slash,
      slash + 1,
    );
  }
  if (/^\*+$/.test(pattern)) {
    return { hints: [`"${pattern}" is read as every pod; it can be left out.`], matches: everyName };
  }
  if (isGlob(pattern)) {
    const expression = fromGlob(pattern);
    const regex = compile(expression, source);
    return {
      hints: [
        `"${pattern}" is read as a glob over the whole name. As a regular expression it is "${expression}".`,
      ],
      matches: (name) => regex.test(name),
    };
  }
  const regex = compile(pattern, source);
  return { hints: [], matches: (name) => regex.test(name) };
}

function everyName(): boolean {
  return true;
}

/** As regular expressions `front-*` and `front*` are right too, but nobody means "front and any number of hyphens". */
function isGlob(pattern: string): boolean {
  return pattern.includes('*') && !pattern.includes('.*') && GLOB.test(pattern);
}

function fromGlob(glob: string): string {
  const body = glob.replace(/\*+|[?.]/g, (sign) => (sign === '?' ? '.' : sign === '.' ? '\\.' : '.*'));
  return `^${body}$`;
}

function compile(expression: string, source: string): RE2JS {
  try {
    return RE2JS.compile(expression);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw explain(error, source);
    throw error;
  }
}

/** At the part that RE2 names, where it is found once; otherwise at the whole. */
function explain(error: RE2JSSyntaxException, source: string): TargetError {
  const part = error.getPattern() ?? '';
  const at = part === '' ? -1 : source.indexOf(part);
  const once = at >= 0 && source.indexOf(part, at + 1) < 0;
  const where = once && part !== source ? `, at "${part}"` : '';
  const what = `${error.getDescription()}${where}`;
  return once
    ? invalid(source, `${what}.`, at, at + part.length, error)
    : invalid(source, `${what}.`, 0, source.length, error);
}

function invalid(source: string, what: string, start = 0, end = source.length, cause?: unknown): TargetError {
  const shown = source.length > 80 ? `${source.slice(0, 79)}…` : source;
  return new TargetError('pods', `"${shown}" is not a regular expression (RE2 syntax): ${what}`, start, end, {
    cause,
  });
}
