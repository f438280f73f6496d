/** What one description may cost, and how large it may become. What is beyond is counted, and said in the document. */
export const OPENAPI_LIMITS = {
  /** Flows looked at, newest first. */
  flows: 50_000,
  /** Looking at them, ms. */
  timeMs: 20_000,
  /** Method and path of a service. */
  operations: 1000,
  /** Names of parameters of one operation. */
  parameters: 64,
  /** Statuses of one operation, and media types of one message. */
  answers: 16,
  mediaTypes: 8,
  /** Octets of a body that is read. */
  bodyBytes: 256 * 1024,
  /** Fields told apart in one object; in more, names are values. */
  fields: 128,
  /** Fields of all schemas. */
  allFields: 30_000,
  /** Objects and arrays in each other. */
  depth: 16,
  /** Items of one array that are looked at. */
  items: 64,
} as const;

/** What the limits have cost. */
export interface Costs {
  /** Requests that OpenAPI has no words for: other methods, targets that are no path; and answers without a request. */
  others: number;
  /** Flows of operations beyond the limit. */
  operations: number;
  parameters: number;
  /** Answers by status, and contents by media type. */
  answers: number;
  /** Bodies that were too long, cut off or withheld, so that their fields are not known. */
  bodies: number;
  fields: number;
  items: number;
}

/** Shared by all parts of one document. */
export class Budget {
  readonly costs: Costs = {
    others: 0,
    operations: 0,
    parameters: 0,
    answers: 0,
    bodies: 0,
    fields: 0,
    items: 0,
  };
  private fields = OPENAPI_LIMITS.allFields;

  /** Whether there is room for one field more. */
  takeField(): boolean {
    if (this.fields <= 0) {
      this.costs.fields++;
      return false;
    }
    this.fields--;
    return true;
  }
}
