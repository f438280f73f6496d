import { FIELDS, type Field } from '../../../../flow/fields.ts';

/** A filter, or the beginning of one, as pieces: for its colours and for what may come next. Nothing is ever refused. */
export interface Token {
  kind: 'name' | 'string' | 'number' | 'operator' | 'bracket';
  start: number;
  end: number;
  text: string;
  /** Of a name: with the names before it, as in `src.pod.name`. */
  path?: string;
  /** Of a string: its end has not been typed. */
  open?: boolean;
}

const PIECE =
  /(?<string>[rRbB]?(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)))|(?<number>\d[\w.]*)|(?<name>[A-Za-z_]\w*)|(?<bracket>[()[\]{}])|(?<operator>&&|\|\||[=!<>]=|[^\s\w])/gsu;
const ENDED = /^[rRbB]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')$/su;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(PIECE)) {
    const [kind, piece] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined)!;
    const token: Token = {
      kind: kind as Token['kind'],
      start: match.index,
      end: match.index + piece.length,
      text: piece,
    };
    if (kind === 'string' && !ENDED.test(piece)) token.open = true;
    if (kind === 'name') token.path = pathBefore(tokens) + piece;
    tokens.push(token);
  }
  return tokens;
}

/** What stands before the next name on its way: `src.pod.` of `src.pod.name`. */
export function pathBefore(tokens: readonly Token[]): string {
  const [of, dot] = tokens.slice(-2);
  return dot?.text === '.' && of?.path !== undefined ? `${of.path}.` : '';
}

const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));

export function fieldOf(path: string | undefined): Field | undefined {
  return path === undefined ? undefined : BY_NAME.get(path);
}

/** The field that a path leads into, as `request.json.a.b` does into `request.json`. */
export function rootField(path: string): Field | undefined {
  for (let at = path.length; at > 0; at = path.lastIndexOf('.', at - 1)) {
    const field = fieldOf(path.slice(0, at));
    if (field !== undefined) return field;
  }
  return undefined;
}

/** Whether a path is the beginning of a field's, as `src.pod` is. */
export function isFieldRoot(path: string): boolean {
  return FIELDS.some(({ name }) => name.startsWith(`${path}.`));
}
