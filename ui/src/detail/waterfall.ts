import type { Flow } from '../../../flow/flow.ts';

export interface Span {
  id: 'request' | 'server' | 'response' | 'network';
  label: string;
  meaning: string;
  /** ms from the request's first byte. The network's share has no place of its own: it lies before and after. */
  start: number;
  ms: number;
}

/** Where the time of an exchange went. Only what was measured is there. */
export function waterfall(flow: Flow): { spans: Span[]; totalMs: number } {
  const { requestMs, serverMs, responseMs, ttfbMs, networkMs, clientMs } = flow.timing;
  const spans: Span[] = [];
  if (requestMs !== undefined) {
    spans.push({
      id: 'request',
      label: 'Request',
      meaning: 'First to last byte of the request',
      start: 0,
      ms: requestMs,
    });
  }
  if (serverMs !== undefined) {
    spans.push({
      id: 'server',
      label: 'Server',
      meaning: "Request's last byte to answer's first, at the server's node",
      start: requestMs ?? 0,
      ms: serverMs,
    });
  }
  if (responseMs !== undefined) {
    spans.push({
      id: 'response',
      label: 'Answer',
      meaning: 'First to last byte of the answer',
      start: ttfbMs ?? (requestMs ?? 0) + (serverMs ?? 0),
      ms: responseMs,
    });
  }
  const end = Math.max(flow.elapsedMs ?? 0, ...spans.map((span) => span.start + span.ms));
  if (networkMs !== undefined && networkMs > 0) {
    spans.push({
      id: 'network',
      label: 'Network',
      meaning: "What the client's node saw beyond the server's: network and proxies",
      start: end,
      ms: networkMs,
    });
  }
  return { spans, totalMs: Math.max(clientMs ?? 0, end + Math.max(0, networkMs ?? 0)) };
}
