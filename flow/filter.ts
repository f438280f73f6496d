/** The filter language: CEL over the fields of `fields.ts`. (Filled in next; the exported names are the contract.) */
import type { Flow } from './flow.ts';

/** A filter that cannot be used. `start` and `end` are offsets into its text. */
export declare class FilterError extends Error {
  readonly code: 'FILTER_SYNTAX' | 'FILTER_TYPE' | 'FILTER_FIELD';
  readonly start: number;
  readonly end: number;
}

export interface Filter {
  readonly source: string;
  matches(flow: Flow): boolean;
}

/** Throws FilterError. An empty text matches every flow. */
export declare function compileFilter(source: string): Filter;
