import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `NAME.expected.json` beside a capture says, as far as it is compared (the corpora's README has it all). */
export interface ExpectedCapture {
  name: string;
  path: string;
  /** False: no reading is certain, either is accepted. */
  exact: boolean;
  why: string;
  streams: ExpectedStream[];
}

/** One reading, or two that both count, of the HTTP/1 messages between two ends. */
export interface ExpectedStream {
  client: string;
  server: string;
  readings: ExpectedExchange[][];
  /** Status codes of interim answers, in no order. */
  interim: number[];
}

export interface ExpectedExchange {
  request: { method: string; target: string; bodySize: number | undefined } | undefined;
  response: { status: number; bodySize: number | undefined } | undefined;
}

const FOLDERS = ['zeek', 'suricata-verify', 'arkime', 'gopacket', 'deepflow', 'ptcpdump', 'derived'];
const SUFFIX = '.expected.json';

export function readExpected(corpora: string): ExpectedCapture[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(corpora, folder))
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => {
        const path = join(corpora, folder, name);
        return captureOf(`${folder}/${name.slice(0, -SUFFIX.length)}`, path.slice(0, -SUFFIX.length), path);
      }),
  );
}

interface RawMessage {
  method?: string;
  target?: string;
  status?: number;
  entityBytes?: number;
  body?: number;
}
interface RawReading {
  requests?: RawMessage[];
  responses?: RawMessage[];
  pairs?: [number, number][];
}
interface RawStream extends RawReading {
  client: string;
  server: string;
  trust?: string;
  ownReading?: RawReading;
}
interface RawCapture {
  best: { exact: boolean; why?: string };
  streams: RawStream[];
}

function captureOf(name: string, path: string, expectedPath: string): ExpectedCapture {
  const raw = JSON.parse(readFileSync(expectedPath, 'utf8')) as RawCapture;
  return {
    name,
    path,
    exact: raw.best.exact,
    why: raw.best.why ?? '',
    streams: raw.streams.map((stream) => streamOf(stream, raw.best.exact)),
  };
}

function streamOf(stream: RawStream, exact: boolean): ExpectedStream {
  const { client, server, trust, ownReading } = stream;
  const readings: RawReading[] = ownReading !== undefined && trust === 'own' ? [ownReading] : [stream];
  if (!exact && ownReading !== undefined) readings.push(ownReading === readings[0] ? stream : ownReading);
  const statuses = (readings[0].responses ?? []).flatMap(({ status }) => status ?? []);
  return {
    client,
    server,
    readings: readings.map(exchangesOf),
    interim: statuses.filter(isInterim),
  };
}

function exchangesOf({ requests = [], responses = [], pairs = [] }: RawReading): ExpectedExchange[] {
  const answerOf = new Map(pairs);
  const answered = new Set(pairs.map(([, response]) => response));
  const request = ({ method = '', target = '', entityBytes, body }: RawMessage) => ({
    method,
    target,
    bodySize: entityBytes ?? body,
  });
  const response = ({ status = 0, entityBytes, body }: RawMessage) => ({
    status,
    bodySize: entityBytes ?? body,
  });
  return [
    ...requests.map((message, i) => {
      const answer = answerOf.get(i);
      return {
        request: request(message),
        response: answer === undefined ? undefined : response(responses[answer]),
      };
    }),
    ...responses.flatMap((message, i) =>
      answered.has(i) || isInterim(message.status ?? 0)
        ? []
        : { request: undefined, response: response(message) },
    ),
  ];
}

function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== 101;
}
