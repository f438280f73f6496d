/** A node of the map by its id, or an edge by its key (`edgeKey`). */
export interface Chosen {
  kind: 'node' | 'edge';
  id: string;
}

/** Between the parts of an edge's key, and what stands for it in an address: control characters do not get through everywhere. */
const [PART, SHOWN] = ['\u0001', '>'];

/** As it stands in the page's address: `node:shop/web`, `edge:shop/web>shop/cart>http`; '' for nothing. */
export function writeChosen(chosen: Chosen | undefined): string {
  return chosen === undefined ? '' : `${chosen.kind}:${chosen.id.replaceAll(PART, SHOWN)}`;
}

export function readChosen(text: string): Chosen | undefined {
  const [, kind, id] = /^(node|edge):(.+)$/s.exec(text) ?? [];
  if (id === undefined) return undefined;
  return kind === 'node' ? { kind, id } : { kind: 'edge', id: id.replaceAll(SHOWN, PART) };
}
