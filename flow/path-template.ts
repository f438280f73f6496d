/** More segments than this are not told apart. */
const MAX_SEGMENTS = 12;

/** What stands for one thing of many, and not for a kind of thing. */
const IDENTIFIERS = [
  // numbers, dates, versions of nothing but numbers
  /^\d[\d.,:_-]*$/,
  // UUID
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  // hexadecimal: hashes, object ids
  /^(?=.*\d)[0-9a-f]{8,}$/i,
  // a short prefix and a number: c676154, ord_0042
  /^[a-z]{1,4}[-_]?\d{3,}$/i,
  // tokens: long, with letters and digits
  /^(?=.*\d)(?=.*[a-z])[\w~.=-]{20,}$/i,
  /@/,
];
const FILE = /^(.+)(\.[a-z][a-z0-9]{0,4})$/i;

/**
 * The path with what looks like an identifier replaced: `/users/17/orders/0f3a9b1c` becomes `/users/{id}/orders/{id}`. A guess by
 * the look of each segment alone, so that the same path always has the same template.
 */
export function pathTemplate(path: string): string {
  const segments = path.split('/');
  const shown = segments.length > MAX_SEGMENTS ? [...segments.slice(0, MAX_SEGMENTS), '…'] : segments;
  return shown.map(templateOf).join('/');
}

function templateOf(segment: string): string {
  if (isIdentifier(segment)) return '{id}';
  const [, name, ending] = FILE.exec(segment) ?? [];
  return name !== undefined && isIdentifier(name) ? `{id}${ending}` : segment;
}

function isIdentifier(text: string): boolean {
  return IDENTIFIERS.some((pattern) => pattern.test(text));
}
