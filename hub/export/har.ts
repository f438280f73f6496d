import type { Body, Flow, FlowMessage, FlowRequest, FlowResponse } from '../../flow/flow.ts';
import type { ExportFormat } from './format.ts';

/** HAR 1.2, as browsers' developer tools read it (http://www.softwareishard.com/blog/har-12-spec/). */
export function har(version: string): ExportFormat {
  const creator = JSON.stringify({ name: 'Remora', version });
  return {
    name: 'har',
    mediaType: 'application/json',
    description: 'an HTTP archive, for the developer tools of browsers',
    head: `{"log":{"version":"1.2","creator":${creator},"pages":[],"entries":[\n`,
    foot: '\n]}}\n',
    separator: ',\n',
    flow: (flow) => JSON.stringify(entry(flow)),
  };
}

/** What is not known is -1, as the format wants it. */
const UNKNOWN = -1;

function entry(flow: Flow) {
  const { timing, elapsedMs, dst, request, response } = flow;
  const [send, wait, receive] = [timing.requestMs ?? 0, timing.serverMs ?? 0, timing.responseMs ?? 0];
  const comment = remarks(flow);
  return {
    startedDateTime: flow.time,
    time: elapsedMs ?? send + wait + receive,
    request: requestOf(flow, request),
    response: responseOf(flow, response),
    cache: {},
    timings: { blocked: UNKNOWN, dns: UNKNOWN, connect: UNKNOWN, ssl: UNKNOWN, send, wait, receive },
    serverIPAddress: dst.ip,
    connection: flow.connection,
    ...(comment === '' ? {} : { comment }),
  };
}

function requestOf(flow: Flow, request: FlowRequest | undefined) {
  const url = `http://${flow.dst.ip}:${flow.dst.port}/`;
  if (request === undefined) {
    return {
      method: '',
      url,
      queryString: [],
      ...messageOf(flow, undefined),
      comment: 'The request was not seen.',
    };
  }
  const { body } = request;
  return {
    method: request.method,
    url: request.url,
    queryString: pairs(
      Object.entries(request.query).flatMap(([name, values]) => [values].flat().map((one) => [name, one])),
    ),
    ...messageOf(flow, request),
    cookies: pairs(Object.entries(request.cookies)),
    ...(body === undefined ? {} : { postData: { mimeType: body.mime, ...textOf(body, false) } }),
  };
}

function responseOf(flow: Flow, response: FlowResponse | undefined) {
  if (response === undefined) {
    return {
      ...{ status: 0, statusText: '', redirectURL: '', content: { size: 0, mimeType: 'x-unknown' } },
      ...messageOf(flow, undefined),
      comment: 'The answer was not seen.',
    };
  }
  const { body, bodySize } = response;
  return {
    status: response.status,
    statusText: response.reason,
    redirectURL: valuesOf(response, 'location')[0] ?? '',
    content: {
      size: body?.decodedSize ?? bodySize,
      mimeType: body?.mime || 'x-unknown',
      ...(body === undefined ? {} : textOf(body, true)),
    },
    ...messageOf(flow, response),
    cookies: pairs(valuesOf(response, 'set-cookie').map(cookie)),
  };
}

function messageOf({ protocol }: Flow, message: FlowMessage | undefined) {
  return {
    httpVersion: `${protocol.name.toUpperCase()}/${protocol.version}`,
    cookies: [] as NameValue[],
    headers: pairs(message?.headers ?? []),
    headersSize: UNKNOWN,
    bodySize: message?.bodySize ?? UNKNOWN,
  };
}

interface NameValue {
  name: string;
  value: string;
}

function pairs(entries: readonly (readonly string[])[]): NameValue[] {
  return entries.map(([name, value]) => ({ name, value }));
}

function valuesOf({ headers }: FlowMessage, name: string): string[] {
  return headers.flatMap(([one, value]) => (one.toLowerCase() === name ? value : []));
}

/** Name and value of a Set-Cookie field (RFC 6265 §5.2). */
function cookie(field: string): [string, string] {
  const pair = field.split(';', 1)[0];
  const equals = pair.indexOf('=');
  return equals < 0 ? ['', pair.trim()] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}

/** Only content may be base64 in a HAR; of the octets of a request's binary body there is no other form. */
function textOf({ text, base64, withheld, truncated }: Body, mayEncode: boolean) {
  const comment = [
    withheld === undefined ? '' : `Withheld: ${withheld}.`,
    truncated === undefined ? '' : `${truncated} bytes of it are left out.`,
    base64 !== undefined && !mayEncode ? 'The text is base64.' : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
  return {
    text: text ?? base64 ?? '',
    ...(base64 !== undefined && mayEncode ? { encoding: 'base64' } : {}),
    ...(comment === '' ? {} : { comment }),
  };
}

function remarks({ completeness, redacted, problem }: Flow): string {
  return [
    completeness[0] === 'complete' ? '' : `Not whole: ${completeness.join(', ')}.`,
    redacted === 0 ? '' : `Redacted values: ${redacted}.`,
    problem === undefined ? '' : `Not valid HTTP: ${problem}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
