import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The test cases of nodejs/llhttp: Markdown files with an input and the log of what the parser saw in it,
 * as byte ranges of the input.
 */
export interface LlhttpCase {
  file: string;
  title: string;
  kind: 'request' | 'response';
  /** The parser's caller says that there is no body: HEAD, for an answer. */
  skipBody: boolean;
  input: Buffer;
  messages: ExpectedMessage[];
  /** Why the input is rejected, and the offset where that was noticed; undefined: it is not. */
  error: { reason: string; offset: number } | undefined;
}

export interface ExpectedMessage {
  method: string;
  url: string;
  version: string;
  status: number;
  /** Trailer fields included. */
  fields: [string, string][];
  body: string;
  headComplete: boolean;
  complete: boolean;
}

/** Codes that are no error: the parser hands over after CONNECT and Upgrade, and at the HTTP/2 preface. */
const HAND_OVER = ['21', '22', '23'];

/** All cases of the parser's default mode. */
export function readLlhttpCases(folder: string): LlhttpCase[] {
  return ['request', 'response'].flatMap((kind) =>
    readdirSync(join(folder, kind))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .flatMap((name) => casesOf(`${kind}/${name}`, readFileSync(join(folder, kind, name), 'utf8'))),
  );
}

function casesOf(file: string, markdown: string): LlhttpCase[] {
  const sections = markdown.split(/^#{1,4} /m);
  return sections.flatMap((section): LlhttpCase[] => {
    const meta = /<!-- meta=(\{.*?\}) -->/.exec(section);
    const input = /```http\n([\s\S]*?)```/.exec(section);
    const log = /```log\n([\s\S]*?)```/.exec(section);
    if (!meta || !input || !log) return [];
    const { type, skipBody = false } = JSON.parse(meta[1]) as { type: string; skipBody?: boolean };
    const kind = /^(request|response)(-finish)?$/.exec(type)?.[1];
    if (kind !== 'request' && kind !== 'response') return [];
    const bytes = inputBytes(input[1]);
    const title = section.slice(0, section.indexOf('\n'));
    return [{ file, title, kind, skipBody, input: bytes, ...readLog(log[1], bytes) }];
  });
}

/** Line ends stand for CRLF; a backslash before one takes it away; the escapes are those of a string. */
function inputBytes(text: string): Buffer {
  const bytes = text
    .replace(/\n$/, '')
    .replace(/\\\n/g, '')
    .replace(/\n/g, '\r\n')
    .replace(/\\r/g, '\r')
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\f/g, '\f')
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'utf8');
}

function readLog(log: string, input: Buffer): Pick<LlhttpCase, 'messages' | 'error'> {
  const messages: ExpectedMessage[] = [];
  let error: LlhttpCase['error'];
  let name = '';
  let value = '';
  for (const line of log.split('\n')) {
    const message = messages[messages.length - 1];
    const span = /^off=(\d+) len=(\d+) span\[(\w+)\]/.exec(line);
    if (span !== null) {
      const text = input.toString('latin1', Number(span[1]), Number(span[1]) + Number(span[2]));
      if (span[3] === 'method') message.method += text;
      else if (span[3] === 'url') message.url += text;
      else if (span[3] === 'version') message.version += text;
      else if (span[3] === 'body') message.body += text;
      else if (span[3] === 'header_field') name += text;
      else if (span[3] === 'header_value') value += text;
    } else if (line.endsWith('message begin')) {
      messages.push(newMessage());
    } else if (line.endsWith('header_value complete')) {
      message.fields.push([name, value.replace(/[ \t]+$/, '')]);
      name = '';
      value = '';
    } else if (line.includes('headers complete')) {
      message.headComplete = true;
      message.status = Number(/status=(\d+)/.exec(line)?.[1] ?? 0);
      message.version = /v=(\d\/\d)/.exec(line)![1].replace('/', '.');
    } else if (line.endsWith('message complete')) {
      message.complete = true;
    } else {
      const found = /off=(\d+) error code=(\d+) reason="(.*)"/.exec(line);
      if (found !== null && !HAND_OVER.includes(found[2]))
        error = { reason: found[3], offset: Number(found[1]) };
    }
  }
  return { messages, error };
}

function newMessage(): ExpectedMessage {
  return {
    method: '',
    url: '',
    version: '',
    status: 0,
    fields: [],
    body: '',
    headComplete: false,
    complete: false,
  };
}
