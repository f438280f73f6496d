/** The content of a layer before it is written: what lies where, with owners and modes, from wherever it comes. */

export interface FileEntry {
  kind: 'file';
  mode: number;
  /** Path on this machine, or the content itself. */
  source: string | Buffer;
}

export interface DirectoryEntry {
  kind: 'directory';
  mode: number;
  /** User and group, both. */
  owner: number;
}

export type TreeEntry = FileEntry | DirectoryEntry;

/** Paths are those in the image, absolute. Directories on the way need not be added. */
export class Tree {
  readonly #entries = new Map<string, TreeEntry>();

  file(path: string, source: string | Buffer, mode = 0o644): void {
    this.#addParents(path);
    this.#entries.set(path, { kind: 'file', mode, source });
  }

  directory(path: string, mode = 0o755, owner = 0): void {
    this.#addParents(path);
    this.#entries.set(path, { kind: 'directory', mode, owner });
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** In the order of paths, by code units: the same on every machine, and directories before what is in them. */
  entries(): [string, TreeEntry][] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #addParents(path: string): void {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && !this.#entries.has(parent)) this.directory(parent);
  }
}
