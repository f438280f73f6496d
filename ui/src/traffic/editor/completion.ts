import { FIELDS, type Field, type FieldType } from '../../../../flow/fields.ts';
import { type FilterFunction, FUNCTIONS } from '../../../../flow/filter/functions.ts';
import { literal } from '../clauses.ts';
import { fieldOf, rootField, type Token, tokensOf } from './tokens.ts';

/** What may come next in a filter. */
export interface Proposal {
  /** What is put in place of the text from `from` on. */
  text: string;
  kind: 'field' | 'word' | 'function' | 'value' | 'operator';
  detail: string;
  meaning?: string;
}

export interface Proposals {
  from: number;
  list: Proposal[];
}

/** Values of a field that were seen, the most frequent first. */
export type SeenValues = (field: Field) => readonly string[];

const MOST_VALUES = 40;
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);
const OPERATORS: Record<FieldType, readonly string[]> = {
  bool: ['&&', '||'],
  int: ['==', '!=', '>=', '<=', '>', '<', 'in'],
  double: ['>=', '<=', '>', '<'],
  string: ['==', '!=', 'in'],
  timestamp: ['>=', '<'],
  'list<string>': [],
  'map<string,string>': [],
  json: ['==', '!='],
};
const KINDS: Partial<Record<FieldType, string>> = {
  string: 'string',
  'list<string>': 'list',
  'map<string,string>': 'map',
  json: 'json',
  timestamp: 'timestamp',
};

/** What may stand at the end of `before`. `asked`: the user wants to see all there is. */
export function proposals(before: string, seen: SeenValues, asked = false): Proposals | undefined {
  const tokens = tokensOf(before);
  const last = tokens.at(-1);
  if (last?.kind === 'string' && last.open) return inString(tokens, last, seen);
  if (last?.kind === 'number' && last.end === before.length) return undefined;
  const touching = last !== undefined && last.end === before.length;
  if (touching && (last.kind === 'name' || last.text === '.')) return inName(tokens, last, seen);
  const field = comparedField(tokens);
  if (field !== undefined) {
    const list = values(field, seen, (value) => asLiteral(field, value));
    if (list.length > 0) return { from: before.length, list };
  }
  if (!touching && last?.kind === 'name') {
    const list = operatorsAfter(last);
    if (list.length > 0) return { from: before.length, list };
  }
  return asked ? { from: before.length, list: anything() } : undefined;
}

/** Within quotes: what the text is compared with. */
function inString(tokens: Token[], open: Token, seen: SeenValues): Proposals | undefined {
  const before = tokens.slice(0, -1);
  const field = comparedField(before) ?? givenField(before);
  if (field === undefined) return undefined;
  const list = values(field, seen, (value) => literal(value).slice(1, -1));
  return list.length === 0 ? undefined : { from: open.start + 1, list };
}

/** Within a name, or right behind a dot. */
function inName(tokens: Token[], last: Token, seen: SeenValues): Proposals {
  const dot = last.text === '.';
  const owner = dot ? tokens.at(-2) : tokens.at(-2)?.text === '.' ? tokens.at(-3) : undefined;
  const start = dot ? last.end : last.start;
  const whole = dot ? `${owner?.path ?? ''}.` : (last.path ?? last.text);
  const field = owner === undefined ? undefined : fieldOf(owner.path);
  if (field !== undefined) return { from: start, list: methods(KINDS[field.type]) };
  if (owner !== undefined && !FIELDS.some(({ name }) => name.startsWith(`${owner.path}.`))) {
    const into = owner.path === undefined ? undefined : rootField(owner.path);
    return { from: start, list: methods(into?.type === 'json' ? 'json' : 'string') };
  }
  const compared = owner === undefined ? comparedField(tokens.slice(0, -1)) : undefined;
  return {
    from: start + (dot ? 0 : last.text.length) - whole.length,
    list: [
      ...(compared === undefined ? [] : values(compared, seen, (value) => asLiteral(compared, value))),
      ...(owner === undefined ? anything() : fields()),
    ],
  };
}

/** The field on the left of the operator (or of the list) that the tokens end with. */
function comparedField(tokens: readonly Token[]): Field | undefined {
  let at = tokens.length - 1;
  while (at >= 0 && (tokens[at]!.text === ',' || ['string', 'number'].includes(tokens[at]!.kind))) at--;
  const inList = tokens[at]?.text === '[';
  if (!inList && at !== tokens.length - 1) return undefined;
  const operator = tokens[inList ? at - 1 : at]?.text ?? '';
  if (!COMPARISONS.has(operator) || (operator === 'in') !== inList) return undefined;
  return fieldOf(tokens[(inList ? at - 1 : at) - 1]?.path);
}

/** The field whose function is given what comes next: `path.startsWith(`. */
function givenField(tokens: readonly Token[]): Field | undefined {
  const [of, dot, name, bracket] = tokens.slice(-4);
  return bracket?.text === '(' && name?.kind === 'name' && dot?.text === '.' ? fieldOf(of?.path) : undefined;
}

function values(field: Field, seen: SeenValues, text: (value: string) => string): Proposal[] {
  return seen(field)
    .slice(0, MOST_VALUES)
    .map((value) => ({ text: text(value), kind: 'value', detail: 'seen' }));
}

function asLiteral({ type }: Field, value: string): string {
  return type === 'int' || type === 'double' ? value : literal(value);
}

function operatorsAfter({ path, text }: Token): Proposal[] {
  if (COMPARISONS.has(text)) return [];
  const field = path === undefined ? undefined : rootField(path);
  return field === undefined
    ? []
    : OPERATORS[field.type].map((operator) => ({
        text: operator === 'in' ? 'in [' : `${operator} `,
        kind: 'operator',
        detail: '',
      }));
}

function anything(): Proposal[] {
  return [...fields(), ...FUNCTIONS.filter(({ of }) => of.length === 0).map(called)];
}

function fields(): Proposal[] {
  return FIELDS.map(({ name, type, unit, meaning }) => ({
    text: name,
    kind: type === 'bool' ? 'word' : 'field',
    detail: unit ?? type,
    meaning,
  }));
}

function methods(kind: string | undefined): Proposal[] {
  return FUNCTIONS.filter(({ of }) => (of as readonly string[]).includes(kind ?? '')).map(called);
}

/** A function with its brackets; those of one that is given nothing are closed. */
function called({ name, parameters, returns, meaning, example }: FilterFunction): Proposal {
  return {
    text: `${name}(${parameters.length === 0 ? ')' : ''}`,
    kind: 'function',
    detail: `(${parameters.join(', ')}) ${returns}`,
    meaning: `${meaning} ${example}`,
  };
}
