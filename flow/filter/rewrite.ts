import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { UNSEEN_FIELDS } from '../fields/unseen.ts';
import { FIELDS } from '../fields.ts';
import { pathOf } from './path.ts';

/**
 * The filter text in the form that is run. Some things of CEL are given other meanings, as KFL2 has them: `map[key]` of a
 * missing key is "" instead of an error, what is not in JSON is null, `matches` is RE2 and never catastrophic, and
 * `protocol` is compared without regard to case. `node` is of a checked tree; errors shown to people come from the checking, and
 * are about what they typed.
 */
export function rewrite(node: ASTNode): string {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'number' ? decimal(node.args) : serialize(node);
    case 'id':
      return node.args;
    case '!_':
      return `!(${rewrite(node.args)})`;
    case '-_':
      return `-(${rewrite(node.args)})`;
    case '.': {
      const [of, name] = node.args;
      return isJson(of) ? `json_get(${rewrite(of)}, ${JSON.stringify(name)})` : `${rewrite(of)}.${name}`;
    }
    case '[]': {
      const [of, key] = node.args.map(rewrite);
      if (isJson(node.args[0])) return `json_get(${of}, ${key})`;
      return typeOf(node.args[0]).startsWith('map') ? `map_get(${of}, ${key})` : `${of}[${key}]`;
    }
    case 'call':
      return call(node.args[0], node.args[1]);
    case 'rcall': {
      const [name, of, args] = node.args;
      const given = args.map(rewrite).join(', ');
      return name === 'matches' && args.length === 1
        ? `re2_matches(${rewrite(of)}, ${given})`
        : `${rewrite(of)}.${name}(${given})`;
    }
    case 'list':
      return `[${node.args.map(rewrite).join(', ')}]`;
    case 'map':
      return `{${node.args.map(([key, value]) => `${rewrite(key)}: ${rewrite(value)}`).join(', ')}}`;
    case '?:': {
      const [condition, yes, no] = node.args.map(rewrite);
      return `(${condition} ? ${yes} : ${no})`;
    }
    case '==':
    case '!=':
    case 'in': {
      const sides = node.args.some(isProtocol) ? node.args.map(lowerCase) : node.args;
      return binary(node.op, sides);
    }
    case '.?':
    case '[?]':
      throw new TypeError(`${node.op} is not enabled`);
    default:
      return binary(node.op, node.args);
  }
}

/** The nodes right below. */
export function children(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) found.push(value);
  };
  visit(node.args);
  return found;
}

function binary(op: string, [left, right]: readonly ASTNode[]): string {
  return `(${rewrite(left)} ${op} ${rewrite(right)})`;
}

function call(name: string, args: readonly ASTNode[]): string {
  const [only] = args;
  if (name === 'has' && only.op === '.' && isJson(only.args[0])) return `(${rewrite(only)} != null)`;
  return `${name}(${args.map(rewrite).join(', ')})`;
}

function decimal(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Checked nodes know their type; those inside macros do not. */
function isJson(node: ASTNode): boolean {
  const type = typeOf(node);
  if (type !== '') return type === 'dyn';
  if (node.op === 'id') return !ROOTS.has(node.args);
  return (
    JSON_FIELDS.has(pathOf(node) ?? '') || ((node.op === '.' || node.op === '[]') && isJson(node.args[0]))
  );
}

const ROOTS = new Set([...FIELDS, ...UNSEEN_FIELDS].map(({ name }) => name.split('.', 1)[0]));
const JSON_FIELDS = new Set(FIELDS.flatMap(({ name, type }) => (type === 'json' ? name : [])));

function typeOf(node: ASTNode): string {
  return String((node as { checkedType?: unknown }).checkedType ?? '');
}

function isProtocol(node: ASTNode): boolean {
  return node.op === 'id' && node.args === 'protocol';
}

/** The literals of a side of a comparison with `protocol`. */
function lowerCase(node: ASTNode): ASTNode {
  if (node.op === 'value' && typeof node.args === 'string') return { ...node, args: node.args.toLowerCase() };
  return node.op === 'list' ? { ...node, args: node.args.map(lowerCase) } : node;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'input' in value;
}
