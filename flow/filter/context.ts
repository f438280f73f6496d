import { UNSEEN_FIELDS } from '../fields/unseen.ts';
import { FIELDS, type FieldType, type FieldValue } from '../fields.ts';
import type { Flow } from '../flow.ts';

/**
 * The objects a filter sees, made from the field table: `src` has `ip`, `pod.name` and so on. Every field is
 * read from the flow only when the filter asks for it.
 */
export interface FieldObject {
  readonly flow: Flow;
}

export type FieldObjectClass = new (flow: Flow) => FieldObject;

export interface ObjectType {
  /** CEL type name: `Src`, `SrcPod`. */
  readonly typeName: string;
  readonly objectClass: FieldObjectClass;
  /** Field name to CEL type. */
  readonly fields: Record<string, string>;
}

export interface FilterModel {
  /** Root variable to CEL type. */
  readonly variables: Record<string, string>;
  /** Innermost first, as they must be registered. */
  readonly types: ObjectType[];
  readonly root: FieldObjectClass;
}

const CEL_TYPES: Record<FieldType, string> = {
  bool: 'bool',
  int: 'int',
  double: 'double',
  string: 'string',
  timestamp: 'google.protobuf.Timestamp',
  'list<string>': 'list<string>',
  'map<string,string>': 'map<string, string>',
  json: 'dyn',
};

type Tree = Map<string, Tree | (typeof FIELDS)[number]>;

export function buildModel(): FilterModel {
  const tree: Tree = new Map();
  for (const field of [...FIELDS, ...UNSEEN_FIELDS]) {
    const path = field.name.split('.');
    const leaf = path.pop() as string;
    let at = tree;
    for (const part of path) {
      if (!at.has(part)) at.set(part, new Map());
      at = at.get(part) as Tree;
    }
    at.set(leaf, field);
  }
  const types: ObjectType[] = [];
  const root = buildClass(tree, '', types);
  return { variables: root.fields, types, root: root.objectClass };
}

function buildClass(tree: Tree, typeName: string, types: ObjectType[]): ObjectType {
  const fields: Record<string, string> = {};
  const objectClass = fieldObjectClass();
  for (const [name, node] of tree) {
    if (node instanceof Map) {
      const inner = buildClass(node, typeName + name[0].toUpperCase() + name.slice(1), types);
      types.push(inner);
      fields[name] = inner.typeName;
      defineGetter(objectClass, name, (flow) => new inner.objectClass(flow));
    } else {
      fields[name] = CEL_TYPES[node.type];
      defineGetter(objectClass, name, node.read);
    }
  }
  return { typeName, objectClass, fields };
}

/** A class of its own for each type: the filter engine tells types by their constructors. */
function fieldObjectClass(): FieldObjectClass {
  return class {
    readonly flow: Flow;
    constructor(flow: Flow) {
      this.flow = flow;
    }
  };
}

function defineGetter(
  of: FieldObjectClass,
  name: string,
  read: (flow: Flow) => FieldValue | FieldObject,
): void {
  Object.defineProperty(of.prototype, name, {
    get(this: FieldObject) {
      return read(this.flow);
    },
  });
}
