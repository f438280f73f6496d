import { isIP } from 'node:net';
import { isAddressName } from '../../flow/address-names.ts';
import type { ExchangeMark, MarkedPacket, SocketAddress } from '../../flow/exchange-mark.ts';
import type { Problem } from '../../flow/problem.ts';
import {
  BATCH_HEADER,
  BATCH_KIND,
  type FromWorker,
  type Hello,
  type MarksMessage,
  type NamesMessage,
  type Status,
  WIRE_VERSION,
} from '../../flow/wire.ts';
import { IngestError } from './error.ts';
import { INGEST_LIMITS } from './limits.ts';

/** Part of the ids of connections, hence of URLs. */
const SESSION = /^[A-Za-z0-9_-]{8,64}$/;
const COUNTER = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const PROBLEM_CODE = /^[A-Z][A-Z0-9_]{0,63}$/;
const SERVICE = /^[a-z0-9-]{0,63}$/;
const TEXT = 1024;

/** A text message of a worker, checked. Throws IngestError. */
export function parseMessage(text: string): FromWorker {
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(text);
  } catch (error) {
    throw new IngestError('MESSAGE_INVALID', 'A text message is not JSON.', error);
  }
  if (message?.['type'] === 'hello') return readHello(message);
  if (message?.['type'] === 'status') return readStatus(message);
  if (message?.['type'] === 'names') return readNames(message);
  if (message?.['type'] === 'marks') return readMarks(message);
  throw new IngestError('MESSAGE_INVALID', 'A text message is none of hello, status, names, marks.');
}

/** The header of a binary frame. Throws IngestError. */
export function parseBatchHeader(frame: Uint8Array): { batch: number; count: number } {
  if (frame.length < BATCH_HEADER || frame[0] !== BATCH_KIND) {
    throw new IngestError('FRAME_INVALID', `A binary frame of ${frame.length} bytes is no batch.`);
  }
  const view = new DataView(frame.buffer, frame.byteOffset, BATCH_HEADER);
  const batch = view.getUint32(4, true);
  const count = view.getUint32(8, true);
  if (batch === 0) throw new IngestError('FRAME_INVALID', 'Batches are numbered from 1.');
  return { batch, count };
}

function readHello(message: Record<string, unknown>): Hello {
  if (message['wire'] !== WIRE_VERSION) {
    throw new IngestError(
      'WIRE_VERSION',
      `The worker speaks version ${String(message['wire']).slice(0, 20)} of the wire protocol, the hub ${WIRE_VERSION}. Use the same Remora for both.`,
    );
  }
  const { session, mode, sources } = message;
  if (typeof session !== 'string' || !SESSION.test(session)) throw invalid('hello', 'session');
  if (mode !== 'live' && mode !== 'file') throw invalid('hello', 'mode');
  if (!Array.isArray(sources) || sources.length > INGEST_LIMITS.ingestReportedValues)
    throw invalid('hello', 'sources');
  return {
    type: 'hello',
    wire: WIRE_VERSION,
    version: readText(message, 'version'),
    session,
    node: readText(message, 'node'),
    mode,
    sources: sources.map((source) => String(source).slice(0, TEXT)),
    limits: readNumbers(message, 'limits'),
    ...(message['targets'] === true ? { targets: true } : {}),
  };
}

function readStatus(message: Record<string, unknown>): Status {
  const { problem, progress, done, clock, recordedSessions } = message;
  const status: Status = { type: 'status', counters: readNumbers(message, 'counters') };
  if (problem !== undefined) status.problem = readProblem(problem);
  if (progress !== undefined) {
    if (typeof progress !== 'number' || !(progress >= 0 && progress <= 1))
      throw invalid('status', 'progress');
    status.progress = progress;
  }
  if (done === true) status.done = true;
  if (recordedSessions !== undefined) status.recordedSessions = readSessions(recordedSessions);
  if (clock !== undefined) {
    if (typeof clock !== 'number' || !Number.isFinite(clock)) throw invalid('status', 'clock');
    status.clock = clock;
  }
  return status;
}

function readSessions(value: unknown): string[] {
  const isList = Array.isArray(value) && value.length <= INGEST_LIMITS.ingestReportedValues;
  if (!isList || !value.every((session) => typeof session === 'string' && SESSION.test(session)))
    throw invalid('status', 'recordedSessions');
  return value;
}

function readNames({ names }: Record<string, unknown>): NamesMessage {
  if (!Array.isArray(names)) throw invalid('names', 'names');
  for (const told of names) {
    if (
      !Array.isArray(told) ||
      isIP(told[0]) === 0 ||
      !told.slice(1).every((name) => typeof name === 'string' && isAddressName(name))
    )
      throw invalid('names', 'names');
  }
  return { type: 'names', names };
}

function readMarks({ marks }: Record<string, unknown>): MarksMessage {
  if (!Array.isArray(marks)) throw invalid('marks', 'marks');
  return { type: 'marks', marks: marks.map(readMark) };
}

function readMark(value: unknown): MarkedPacket {
  const { time, from, to, mark } = objectIn(value);
  const { flow, way, ways, service, name, clientName, ends } = objectIn(mark);
  if (!isText(from) || !isText(to) || !isText(flow) || ![time, way, ways].every(Number.isFinite))
    throw invalid('marks', 'marks');
  if (service !== undefined && !(isText(service) && SERVICE.test(service))) throw invalid('marks', 'marks');
  const named = {
    ...(service === undefined ? {} : { service }),
    ...(name === undefined ? {} : { name: readName(name) }),
    ...(clientName === undefined ? {} : { clientName: readName(clientName) }),
  };
  const read = { flow, way: way as number, ways: ways as number, ...named };
  return {
    ...{ time: time as number, from, to },
    mark: ends === undefined ? read : { ...read, ends: readEnds(ends) },
  };
}

function readName(value: unknown): string {
  if (value !== '' && !(typeof value === 'string' && isAddressName(value))) throw invalid('marks', 'marks');
  return value;
}

function readEnds(value: unknown): NonNullable<ExchangeMark['ends']> {
  const { src, dst } = objectIn(value);
  return { src: readSocket(src), dst: readSocket(dst) };
}

function readSocket(value: unknown): SocketAddress {
  const { ip, port } = objectIn(value);
  if (!isText(ip) || isIP(ip) === 0 || !Number.isInteger(port)) throw invalid('marks', 'marks');
  return { ip, port: (port as number) & 0xffff };
}

function objectIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid('marks', 'marks');
  return value as Record<string, unknown>;
}

/** No address and no id is longer. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64;
}

function readProblem(value: unknown): Problem {
  if (typeof value !== 'object' || value === null) throw invalid('status', 'problem');
  const { code, message, remedy } = value as Record<string, unknown>;
  if (typeof code !== 'string' || !PROBLEM_CODE.test(code)) throw invalid('status', 'problem.code');
  if (typeof message !== 'string') throw invalid('status', 'problem.message');
  const problem: Problem = { code, message: message.slice(0, TEXT) };
  if (typeof remedy === 'string') problem.remedy = remedy.slice(0, TEXT);
  return problem;
}

function readText(message: Record<string, unknown>, key: string): string {
  const text = message[key];
  if (typeof text !== 'string' || text.length > TEXT) throw invalid(String(message['type']), key);
  return text;
}

function readNumbers(message: Record<string, unknown>, key: string): Record<string, number> {
  const values = message[key];
  if (typeof values !== 'object' || values === null) throw invalid(String(message['type']), key);
  const entries = Object.entries(values);
  if (entries.length > INGEST_LIMITS.ingestReportedValues) throw invalid(String(message['type']), key);
  for (const [name, value] of entries) {
    if (!COUNTER.test(name) || typeof value !== 'number' || !Number.isFinite(value)) {
      throw invalid(String(message['type']), `${key}.${name.slice(0, 64)}`);
    }
  }
  return Object.fromEntries(entries);
}

function invalid(type: string, key: string): IngestError {
  return new IngestError('MESSAGE_INVALID', `\`${key}\` of a ${type} message is missing or wrong.`);
}
