import type { ASTNode } from '@marcbachmann/cel-js';

/**
 * The filter text in the form that is run. Two things of CEL are given other meanings, as KFL2 has them:
 * `map[key]` of a missing key is "" instead of an error, and `matches` is RE2 and never catastrophic.
 * Works on the text by the ranges of the checked tree, so errors shown to people are about what they typed.
 */
export function rewrite(node: ASTNode): string {
  const source = node.input;
  const parts: { start: number; end: number; text: string }[] = [];
  for (const child of children(node)) {
    const text = rewrite(child);
    if (text !== source.slice(child.start, child.end))
      parts.push({ start: child.start, end: child.end, text });
  }
  if (node.op === '[]' && isStringMap(node.args[0])) {
    const [map, key] = node.args;
    return `map_get(${textOf(map, parts)}, ${textOf(key, parts)})`;
  }
  if (node.op === 'rcall' && node.args[0] === 'matches' && node.args[2].length === 1) {
    const [, text, [pattern]] = node.args;
    return `re2_matches(${textOf(text, parts)}, ${textOf(pattern, parts)})`;
  }
  return splice(source, node.start, node.end, parts);
}

type Part = { start: number; end: number; text: string };

function textOf(node: ASTNode, parts: Part[]): string {
  return splice(node.input, node.start, node.end, parts);
}

function splice(source: string, start: number, end: number, parts: Part[]): string {
  let text = '';
  let at = start;
  for (const part of parts
    .filter((p) => p.start >= start && p.end <= end)
    .sort((a, b) => a.start - b.start)) {
    text += source.slice(at, part.start) + part.text;
    at = part.end;
  }
  return text + source.slice(at, end);
}

/** Checked nodes know their type. */
function isStringMap(node: ASTNode): boolean {
  return String((node as { checkedType?: unknown }).checkedType ?? '').startsWith('map');
}

export function children(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value)) found.push(value);
  };
  visit(node.args);
  return found;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'input' in value;
}
