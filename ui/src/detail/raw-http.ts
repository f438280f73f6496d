import type { Flow, FlowMessage } from '../../../flow/flow.ts';

/** The exchange as HTTP/1.1 text: heads as sent, bodies decoded, and in brackets what is not there. */
export function rawRequest(flow: Flow): string | undefined {
  const { request } = flow;
  if (request === undefined) return undefined;
  return message(`${request.method} ${request.target} HTTP/${flow.protocol.version}`, request);
}

export function rawResponse(flow: Flow): string | undefined {
  const { response } = flow;
  if (response === undefined) return undefined;
  const line = `HTTP/${flow.protocol.version} ${response.status} ${response.reason}`.trimEnd();
  const interim = (response.interim ?? [])
    .map((status) => `HTTP/${flow.protocol.version} ${status}\n\n`)
    .join('');
  return interim + message(line, response);
}

function message(startLine: string, { headers, trailers, body, bodySize }: FlowMessage): string {
  const fields = (list: [string, string][]): string =>
    list.map(([name, value]) => `${name}: ${value}\n`).join('');
  let text = `${startLine}\n${fields(headers)}\n`;
  if (body?.text !== undefined) text += body.text;
  else if (bodySize > 0) text += `[${bodySize} octets of ${body?.mime || 'content'} not shown]`;
  if (body?.truncated !== undefined) text += `\n[${body.truncated} octets more]`;
  if (trailers !== undefined && trailers.length > 0) text += `\n\n${fields(trailers)}`;
  return text;
}
