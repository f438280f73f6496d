import type { Flow } from '../../flow/flow.ts';

/** A file that flows are written into, one after the other. */
export interface ExportFormat {
  /** Ending of the file's name, and of the route's. */
  readonly name: string;
  readonly mediaType: string;
  /** What a person reads of it in a list of formats. */
  readonly description: string;
  readonly head: string;
  readonly foot: string;
  /** Stands between two flows. */
  readonly separator: string;
  flow(flow: Flow): string;
}
