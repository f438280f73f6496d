/** So many siblings that are used alike are names of one kind of thing: `/catalogue/socks`, `/catalogue/hats` and so on. */
const MANY = 16;
/** Stands for them, as for identifiers (flow/path-template.ts). */
const ID = '{id}';

interface Branch {
  children: Map<string, Branch>;
  /** Of the requests that end here. */
  methods: Set<string>;
  /** Children that are one of many. */
  ofMany: Set<string>;
}

/**
 * What path templates (flow/path-template.ts) become when they are looked at together: of many segments at one place
 * below which the same is asked for, each becomes `{id}`. Takes method and template; the same whatever the order.
 */
export function foldTemplates(
  uses: Iterable<{ method: string; template: string }>,
): ReadonlyMap<string, string> {
  const root = branch();
  const templates = new Set<string>();
  for (const { method, template } of uses) {
    templates.add(template);
    let at = root;
    for (const segment of template.split('/')) at = childOf(at, segment);
    at.methods.add(method);
  }
  mark(root);
  return new Map([...templates].map((template) => [template, folded(root, template.split('/'))]));
}

function folded(root: Branch, segments: readonly string[]): string {
  const out: string[] = [];
  let at = root;
  for (const segment of segments) {
    out.push(at.ofMany.has(segment) ? ID : segment);
    at = at.children.get(segment) as Branch;
  }
  return out.join('/');
}

/** Marks what is one of many at each place; returns what is asked for from here on, as text that can be compared. */
function mark(at: Branch): string {
  const below: string[] = [];
  const alike = new Map<string, string[]>();
  for (const [name, child] of at.children) {
    const shape = mark(child);
    below.push(`${name}${shape}`);
    if (name === '' || name.includes('{')) continue;
    const names = alike.get(shape);
    if (names === undefined) alike.set(shape, [name]);
    else names.push(name);
  }
  for (const names of alike.values()) {
    if (names.length >= MANY) for (const name of names) at.ofMany.add(name);
  }
  return `(${[...at.methods].sort().join()}|${below.sort().join('/')})`;
}

function childOf(parent: Branch, segment: string): Branch {
  let child = parent.children.get(segment);
  if (child === undefined) {
    child = branch();
    parent.children.set(segment, child);
  }
  return child;
}

function branch(): Branch {
  return { children: new Map(), methods: new Set(), ofMany: new Set() };
}
