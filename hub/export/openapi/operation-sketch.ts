import type { Flow, FlowRequest } from '../../../flow/flow.ts';
import { type Budget, OPENAPI_LIMITS } from './limits.ts';
import { MessageSketch } from './message-sketch.ts';
import { ParameterSketch } from './parameter-sketch.ts';
import { isOwnHeader } from './standard-headers.ts';

type Json = Record<string, unknown>;

export interface PathParameter {
  name: string;
  /** Which segment of the path. */
  place: number;
}

/** What the requests of one method and path, and their answers, have in common. */
export class OperationSketch {
  seen = 0;
  private unanswered = 0;
  private readonly path: ParameterSketch;
  private readonly query: ParameterSketch;
  private readonly headers: ParameterSketch;
  private readonly body: MessageSketch;
  private readonly answers = new Map<number, MessageSketch>();
  private readonly budget: Budget;

  constructor(budget: Budget) {
    this.budget = budget;
    this.path = new ParameterSketch(budget);
    this.query = new ParameterSketch(budget);
    this.headers = new ParameterSketch(budget);
    this.body = new MessageSketch(budget);
  }

  /** `inPath`: the values of the path's parameters, by their place. */
  add(request: FlowRequest, response: Flow['response'], inPath: Readonly<Record<number, string>>): void {
    this.seen++;
    this.path.add(inPath);
    this.query.add(request.query);
    this.headers.add(ownHeaders(request));
    this.body.add(request.body);
    if (response === undefined) this.unanswered++;
    else this.answer(response.status)?.add(response.body);
  }

  merge(other: OperationSketch): void {
    this.seen += other.seen;
    this.unanswered += other.unanswered;
    this.path.merge(other.path);
    this.query.merge(other.query);
    this.headers.merge(other.headers);
    this.body.merge(other.body);
    for (const [status, answer] of other.answers) this.answer(status)?.merge(answer);
  }

  /** An Operation Object (OpenAPI 3.1 §4.8.10). `inPath`: what the path's parameters are called, and their places. */
  build(inPath: readonly PathParameter[]): Json {
    const parameters = [
      ...inPath.map(({ name, place }) => ({
        ...{ name, in: 'path', required: true, schema: this.path.schemaOf(String(place)) },
      })),
      ...this.query.build('query'),
      ...this.headers.build('header'),
    ];
    const content = this.body.build();
    return {
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(content === undefined
        ? {}
        : { requestBody: { content, ...(this.body.isRequired ? { required: true } : {}) } }),
      responses: this.responses(),
      'x-remora-seen': this.seen,
      ...(this.unanswered === 0 ? {} : { 'x-remora-unanswered': this.unanswered }),
    };
  }

  private responses(): Json {
    const sorted = [...this.answers].sort(([a], [b]) => a - b);
    // There has to be one.
    if (sorted.length === 0) return { default: { description: 'No answer was seen.' } };
    return Object.fromEntries(
      sorted.map(([status, answer]) => {
        const content = answer.build();
        return [
          String(status),
          {
            description: `Seen ${answer.seen === 1 ? 'once' : `${answer.seen} times`}.`,
            ...(content === undefined ? {} : { content }),
            'x-remora-seen': answer.seen,
          },
        ];
      }),
    );
  }

  private answer(status: number): MessageSketch | undefined {
    // Only these are status codes (RFC 9110 §15).
    if (status < 100 || status > 599) return undefined;
    let answer = this.answers.get(status);
    if (answer === undefined) {
      if (this.answers.size >= OPENAPI_LIMITS.answers) {
        this.budget.costs.answers++;
        return undefined;
      }
      answer = new MessageSketch(this.budget);
      this.answers.set(status, answer);
    }
    return answer;
  }
}

function ownHeaders({ headers }: FlowRequest): Record<string, string[]> {
  const own: Record<string, string[]> = Object.create(null);
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!isOwnHeader(lower)) continue;
    own[lower] ??= [];
    own[lower].push(value);
  }
  return own;
}
