import type { KubeObject } from '../objects.ts';

/** Hears of objects as they come, change and go. Its methods must be quick and must not throw. */
export interface ChangeListener {
  /** The object is new, or something of it that Remora keeps has changed. */
  set(object: KubeObject): void;
  /** The object is gone; as it was last known. */
  remove(object: KubeObject): void;
  /** Every kind has been listed once: from now on what is not known is not there. Called once. */
  synced(): void;
}

/** Where changes can be heard. */
export interface Changes {
  /** All that is known is told at once, then what changes. Returns how to stop. */
  onChange(listener: ChangeListener): () => void;
}
