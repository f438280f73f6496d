/** The kinds of value a setting can have: how each is read from a flag, the environment or a settings file. */

import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { readCidr } from '../../deploy/cidr.ts';

export interface ValueType<T> {
  /** For the help and the reference: `SIZE`. */
  readonly placeholder: string;
  /** For the reference: what may be written. */
  readonly form: string;
  /** Flags: several words after it (`--name a b`), or it is given several times (`--name a --name b`). */
  readonly many?: 'words' | 'repeated';
  /**
   * `raw` is a string or strings (flags, environment) or whatever a YAML file has there; relative paths
   * are against `base`. Throws WrongValue.
   */
  parse(raw: unknown, base: string): T;
  /** As a person would write it. */
  show(value: T): string;
}

/** The value cannot be used; the message ends the sentence `NAME: ...`. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
}

/** For ranges of addresses: every address. */
export const ANY = 'any';

export const text: ValueType<string> = {
  placeholder: 'TEXT',
  form: 'text',
  parse(raw) {
    if (typeof raw !== 'string') throw new WrongValue(`expected text, not ${kindOf(raw)}`);
    return raw;
  },
  show: (value) => value,
};

export const path: ValueType<string> = {
  placeholder: 'DIR',
  form: 'a path; `~/` is your home directory',
  parse(raw, base) {
    if (typeof raw !== 'string' || raw === '') throw new WrongValue(`expected a path, not ${kindOf(raw)}`);
    if (raw === '~' || raw.startsWith('~/')) return resolve(homedir(), raw.slice(2));
    return resolve(base, raw);
  },
  show: (value) => value,
};

/** A path, or '' for none. */
export const file: ValueType<string> = {
  placeholder: 'FILE',
  form: path.form,
  parse: (raw, base) => (raw === '' ? '' : path.parse(raw, base)),
  show: (value) => value,
};

export const toggle: ValueType<boolean> = {
  placeholder: '',
  form: 'true or false',
  parse(raw) {
    if (raw === true || raw === 'true' || raw === '1') return true;
    if (raw === false || raw === 'false' || raw === '0') return false;
    throw new WrongValue(`expected true or false, not ${shown(raw)}`);
  },
  show: String,
};

/** Words separated by commas (flags may also repeat), a list in a file. */
export const names: ValueType<readonly string[]> = {
  placeholder: 'NAME',
  form: 'names: a list in a file, separated by commas elsewhere',
  many: 'words',
  parse(raw) {
    const list = typeof raw === 'string' ? [raw] : raw;
    if (!Array.isArray(list)) throw new WrongValue(`expected a list of names, not ${kindOf(raw)}`);
    return list.flatMap((item) => {
      if (typeof item !== 'string') throw new WrongValue(`expected names, not ${kindOf(item)}`);
      return item
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');
    });
  },
  show: (value) => value.join(','),
};

/** Names where other words may follow on the command line: one after each flag, or several with commas. */
export function eachName(placeholder: string): ValueType<readonly string[]> {
  return { ...names, placeholder, many: 'repeated' };
}

/** Ranges of addresses; or `any` alone. */
export const cidrs: ValueType<readonly string[]> = {
  placeholder: 'CIDR',
  form: 'ranges of addresses such as 10.0.0.0/16 or fd00::/64, or `any`: a list in a file, separated by commas elsewhere',
  many: 'repeated',
  parse(raw, base) {
    const list = names.parse(raw, base);
    if (list.length === 1 && list[0] === ANY) return list;
    return list.map((item) => {
      const range = readCidr(item);
      if (range === undefined) {
        throw new WrongValue(`expected a range such as 10.0.0.0/16, or ${ANY} alone, not ${shown(item)}`);
      }
      return range;
    });
  },
  show: names.show,
};

export function choice<T extends string>(...options: T[]): ValueType<T> {
  return {
    placeholder: options.join('|'),
    form: `one of ${options.join(', ')}`,
    parse(raw) {
      const found = options.find((option) => option === raw);
      if (found === undefined) throw new WrongValue(`expected ${options.join(', ')}, not ${shown(raw)}`);
      return found;
    },
    show: (value) => value,
  };
}

export function integer(placeholder: string, least: number, most: number): ValueType<number> {
  return {
    placeholder,
    form: `a whole number from ${least} to ${most}`,
    parse(raw) {
      const value = typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : raw;
      if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
        throw new WrongValue(`expected a whole number from ${least} to ${most}, not ${shown(raw)}`);
      }
      return value;
    },
    show: String,
  };
}

const SIZE = /^(\d+(?:\.\d+)?)\s*(?:(k|K|M|G|T)(i?)B?|B)?$/;
const EXPONENT: Record<string, number> = { k: 1, K: 1, M: 2, G: 3, T: 4 };

/** Bytes, written as Kubernetes writes quantities: `64Ki` is 65536, `64k` is 64000. */
export function size(least: number, most: number): ValueType<number> {
  return {
    placeholder: 'SIZE',
    form: `a size from ${showSize(least)} to ${showSize(most)}: 65536, 64Ki, 2Gi, 500M`,
    parse(raw) {
      const match = typeof raw === 'number' || typeof raw === 'string' ? SIZE.exec(String(raw)) : null;
      if (match === null)
        throw new WrongValue(`expected a size such as 65536, 64Ki or 2Gi, not ${shown(raw)}`);
      const unit = match[3] === 'i' ? 1024 : 1000;
      const value = Math.round(Number(match[1]) * unit ** (EXPONENT[match[2] ?? ''] ?? 0));
      if (value < least || value > most) {
        throw new WrongValue(
          `expected a size from ${showSize(least)} to ${showSize(most)}, not ${shown(raw)}`,
        );
      }
      return value;
    },
    show: showSize,
  };
}

/** A quantity for Kubernetes, which reads it itself; '' for none. */
export const quantity: ValueType<string> = {
  placeholder: 'QUANTITY',
  form: 'a quantity of Kubernetes: 10Gi, 500M',
  parse(raw) {
    const value = typeof raw === 'number' ? String(raw) : raw;
    if (value === '') return value;
    if (typeof value !== 'string' || !/^\d+(\.\d+)?([EPTGMk]i?|Ki)?$/.test(value)) {
      throw new WrongValue(`expected a quantity such as 10Gi, not ${shown(raw)}`);
    }
    return value;
  },
  show: (value) => value,
};

/** The shortest exact way to write a number of bytes. */
export function showSize(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti'];
  let unit = 0;
  while (bytes >= 1024 && bytes % 1024 === 0 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes}${units[unit]}`;
}

function shown(raw: unknown): string {
  return typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean'
    ? JSON.stringify(raw)
    : kindOf(raw);
}

function kindOf(raw: unknown): string {
  if (raw === null || raw === undefined || raw === '') return 'nothing';
  if (Array.isArray(raw)) return 'a list';
  return typeof raw === 'object' ? 'a mapping' : `${JSON.stringify(raw)}`;
}
