import type { Message } from '../message.ts';
import { Method, methodIs } from './methods.ts';

/** What is known about the request of an answer: its method decides whether the answer has a body. */
export const Answering = { unknown: 0, head: 1, connect: 2, other: 3 } as const;

/** The kind of answer that `request` gets. */
export function answeringOf(request: Message): number {
  if (methodIs(request, request.bytes, 0, Method.head)) return Answering.head;
  if (methodIs(request, request.bytes, 0, Method.connect)) return Answering.connect;
  return Answering.other;
}
