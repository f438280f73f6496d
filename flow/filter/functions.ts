/** The functions that filters are told of: the reference, the completion in the page and the hints at misspelt names come from here. */
export interface FilterFunction {
  readonly name: string;
  /** Types of what it is called on, as in `path.contains("x")`; empty: it is called by itself, as in `size(path)`. */
  readonly of: readonly ('string' | 'list' | 'map' | 'json' | 'timestamp')[];
  /** Names of what it is given. */
  readonly parameters: readonly string[];
  readonly returns: string;
  readonly meaning: string;
  /** A filter that uses it. */
  readonly example: string;
}

const TEXT = ['string', 'json'] as const;
const MANY = ['list', 'map', 'json'] as const;

export const FUNCTIONS: readonly FilterFunction[] = [
  {
    name: 'contains',
    of: TEXT,
    parameters: ['part'],
    returns: 'bool',
    meaning: 'Whether the part is in the text.',
    example: 'response.body.contains("out of stock")',
  },
  {
    name: 'startsWith',
    of: TEXT,
    parameters: ['beginning'],
    returns: 'bool',
    meaning: 'Whether the text begins so.',
    example: 'path.startsWith("/api")',
  },
  {
    name: 'endsWith',
    of: TEXT,
    parameters: ['end'],
    returns: 'bool',
    meaning: 'Whether the text ends so.',
    example: 'path.endsWith(".js")',
  },
  {
    name: 'matches',
    of: TEXT,
    parameters: ['pattern'],
    returns: 'bool',
    meaning: 'Whether a regular expression (RE2) matches somewhere in the text.',
    example: 'url.matches("/users/[0-9]+$")',
  },
  {
    name: 'lowerAscii',
    of: TEXT,
    parameters: [],
    returns: 'string',
    meaning: 'The text with A to Z made small.',
    example: 'request.body.lowerAscii().contains("error")',
  },
  {
    name: 'exists',
    of: MANY,
    parameters: ['name', 'condition'],
    returns: 'bool',
    meaning: 'Whether the condition holds for one element (of a map: for one key) at least.',
    example: 'request.json.items.exists(item, item.price > 100)',
  },
  {
    name: 'all',
    of: MANY,
    parameters: ['name', 'condition'],
    returns: 'bool',
    meaning: 'Whether the condition holds for every element (of a map: for every key).',
    example: 'namespaces.all(name, name == "shop")',
  },
  {
    name: 'size',
    of: [],
    parameters: ['value'],
    returns: 'int',
    meaning: 'Characters of a text, elements of a list or map.',
    example: 'size(request.cookies) > 20',
  },
  {
    name: 'has',
    of: [],
    parameters: ['member'],
    returns: 'bool',
    meaning: 'Whether JSON has the member.',
    example: 'has(request.json.coupon)',
  },
  {
    name: 'map_get',
    of: [],
    parameters: ['map', 'key', 'otherwise'],
    returns: 'string',
    meaning: 'The value of a key, or the text given for when there is none.',
    example: 'map_get(request.headers, "x-tenant", "none") == "none"',
  },
  {
    name: 'now',
    of: [],
    parameters: [],
    returns: 'timestamp',
    meaning: 'This moment.',
    example: 'timestamp > now() - duration("5m")',
  },
  {
    name: 'timestamp',
    of: [],
    parameters: ['time'],
    returns: 'timestamp',
    meaning: 'A time of RFC 3339.',
    example: 'timestamp > timestamp("2026-03-01T14:02:00Z")',
  },
  {
    name: 'duration',
    of: [],
    parameters: ['length'],
    returns: 'duration',
    meaning: 'A length of time, in h, m, s and ms.',
    example: 'timestamp > now() - duration("1h30m")',
  },
  {
    name: 'int',
    of: [],
    parameters: ['value'],
    returns: 'int',
    meaning: 'A text or number as a whole number.',
    example: 'int(map_get(request.headers, "x-retry", "0")) > 2',
  },
  {
    name: 'string',
    of: [],
    parameters: ['value'],
    returns: 'string',
    meaning: 'A value as text.',
    example: 'string(status_code).startsWith("5")',
  },
];
