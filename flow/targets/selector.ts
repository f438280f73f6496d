import { TargetError } from './error.ts';

type Labels = Readonly<Record<string, string>>;

/** One condition of a selector. */
type Requirement = (labels: Labels) => boolean;

/** `[prefix/]name` of a label: a DNS subdomain, then letters, digits, `-`, `_`, `.`, at most 63. */
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const MAX_PREFIX = 253;
const MAX_NAME = 63;
const INTEGER = /^[+-]?\d{1,18}$/;

export const MAX_SELECTOR_LENGTH = 64 * 1024;

/**
 * Compiles a label selector as Kubernetes defines it, equality based (`a=b`, `a==b`, `a!=b`) and set based (`a in (b,c)`,
 * `a notin (b)`, `a`, `!a`, `a>1`, `a<9`), joined by commas: all must hold. Throws TargetError with the place.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function compileSelector(source: string): (labels: Labels) => boolean {
  const requirements = new SelectorParser(source).parse();
  return (labels) => requirements.every((holds) => holds(labels));
}

/** The signs, longest first; anything else up to one of them or a space is a word. */
const TOKEN = /\s*(==|!=|=|!|\(|\)|,|<|>|[^\s=!(),<>]+)/y;
const SIGNS = new Set(['==', '!=', '=', '!', '(', ')', ',', '<', '>', '']);

class SelectorParser {
  readonly #source: string;
  /** The token that is next ('': the end), and where it stands. */
  #token = '';
  #start = 0;
  #at = 0;

  constructor(source: string) {
    if (source.length > MAX_SELECTOR_LENGTH) {
      throw new TargetError(
        'selector',
        `The label selector has ${source.length} characters; the limit is ${MAX_SELECTOR_LENGTH}.`,
        0,
        source.length,
      );
    }
    this.#source = source;
    this.#advance();
  }

  parse(): Requirement[] {
    if (this.#token === '') return [];
    const requirements = [this.#requirement()];
    while (this.#token !== '') {
      if (this.#token !== ',') throw this.#wrong('a comma or the end was expected');
      this.#advance();
      requirements.push(this.#requirement());
    }
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#token === '!') {
      this.#advance();
      const key = this.#key();
      return (labels) => !Object.hasOwn(labels, key);
    }
    const key = this.#key();
    const operator = this.#token;
    switch (operator) {
      case '':
      case ',':
        return (labels) => Object.hasOwn(labels, key);
      case '=':
      case '==':
      case '!=': {
        this.#advance();
        const value = this.#value();
        return operator === '!='
          ? (labels) => of(labels, key) !== value
          : (labels) => of(labels, key) === value;
      }
      case 'in':
      case 'notin': {
        this.#advance();
        const values = this.#values();
        const isIn = (labels: Labels) => Object.hasOwn(labels, key) && values.has(labels[key]!);
        return operator === 'in' ? isIn : (labels) => !isIn(labels);
      }
      case '<':
      case '>': {
        this.#advance();
        const bound = this.#integer();
        return (labels) => {
          const value = of(labels, key) ?? '';
          if (!INTEGER.test(value)) return false;
          return operator === '<' ? BigInt(value) < bound : BigInt(value) > bound;
        };
      }
      default:
        throw this.#wrong('one of =, ==, !=, in, notin, <, >, a comma or the end was expected');
    }
  }

  #key(): string {
    const key = this.#word('the name of a label was expected');
    const slash = key.indexOf('/');
    const prefix = slash < 0 ? '' : key.slice(0, slash);
    const name = key.slice(slash + 1);
    const sound =
      (slash < 0 || (prefix.length <= MAX_PREFIX && PREFIX.test(prefix))) &&
      name.length <= MAX_NAME &&
      NAME.test(name);
    if (!sound) throw this.#wrong('this cannot be the name of a label');
    this.#advance();
    return key;
  }

  /** Nothing is a value too: `a=` holds for an empty label. */
  #value(): string {
    const value = this.#token;
    if (value === '' || value === ',' || value === ')') return '';
    this.#word('a value was expected');
    if (value.length > MAX_NAME || !NAME.test(value))
      throw this.#wrong('this cannot be the value of a label');
    this.#advance();
    return value;
  }

  #values(): Set<string> {
    if (this.#token !== '(') throw this.#wrong('"(" was expected');
    this.#advance();
    if ((this.#token as string) === ')') throw this.#wrong('a value was expected');
    const values = new Set([this.#value()]);
    while ((this.#token as string) === ',') {
      this.#advance();
      values.add(this.#value());
    }
    if ((this.#token as string) !== ')') throw this.#wrong('"," or ")" was expected');
    this.#advance();
    return values;
  }

  #integer(): bigint {
    const text = this.#token;
    if (!INTEGER.test(text)) throw this.#wrong('a whole number was expected');
    this.#advance();
    return BigInt(text);
  }

  #word(expected: string): string {
    if (SIGNS.has(this.#token)) throw this.#wrong(expected);
    return this.#token;
  }

  #advance(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#source);
    this.#token = match?.[1] ?? '';
    this.#at = match === null ? this.#source.length : TOKEN.lastIndex;
    this.#start = this.#at - this.#token.length;
  }

  #wrong(what: string): TargetError {
    const found = this.#token === '' ? 'the end' : `"${this.#token}"`;
    return new TargetError(
      'selector',
      `The label selector "${this.#source}" is wrong at ${found} (character ${this.#start + 1}): ${what}.`,
      this.#start,
      this.#start + this.#token.length,
    );
  }
}

function of(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
