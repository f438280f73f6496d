import { pathTemplate } from '../../../flow/path-template.ts';
import type { PathParameter } from './operation-sketch.ts';

const ID = '{id}';
/** Of a path with too many segments (flow/path-template.ts). */
const REST = '…';

/** The template of a captured path, and the values that its parameters have there, by segment. */
export function readPath(path: string): { template: string; values: Record<number, string> } {
  // Braces of the path itself are no template's, and no character may be there that URIs do not have (RFC 3986 §2).
  const plain = path.replace(/[^!-~]|[{}"<>\\^`|?#]/gu, encode);
  const template = pathTemplate(plain).replace(REST, ID);
  const segments = plain.split('/');
  const values: Record<number, string> = {};
  for (const [place, segment] of template.split('/').entries()) {
    if (!segment.startsWith(ID)) continue;
    const raw = segments[place] ?? '';
    values[place] = raw.slice(0, raw.length - (segment.length - ID.length));
  }
  return { template, values };
}

/** A template with names for its parameters that differ: `/users/{id}/orders/{id2}`. */
export function namePath(template: string): { path: string; parameters: PathParameter[] } {
  const parameters: PathParameter[] = [];
  const segments = template.split('/').map((segment, place) => {
    if (!segment.startsWith(ID)) return segment;
    const name = parameters.length === 0 ? 'id' : `id${parameters.length + 1}`;
    parameters.push({ name, place });
    return `{${name}}${segment.slice(ID.length)}`;
  });
  return { path: segments.join('/'), parameters };
}

function encode(character: string): string {
  // Half of a surrogate pair has no encoding.
  return /\p{Cs}/u.test(character) ? '%EF%BF%BD' : encodeURIComponent(character);
}
