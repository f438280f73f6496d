import type { WorkerHealth } from '../../../flow/api.ts';
import type { CaptureStatistics, PacketFormat, PacketWriter } from './format.ts';
import type { PacketExport } from './packet-export.ts';

/** Who is named as the maker of files, and who knows how the capture goes. */
export interface FileContext {
  application: string;
  workers: () => Promise<readonly WorkerHealth[]>;
}

/** A whole file with all of an export, in pieces. `remarks`: what is to be said in it first. Closes the export. */
export async function* packetFile(
  format: PacketFormat,
  exported: PacketExport,
  { application, workers }: FileContext,
  remarks: readonly string[] = [],
): AsyncGenerator<Uint8Array, void> {
  const writer = format.writer();
  const { sentences } = exported.missing;
  const told = sentences.length;
  yield writer.begin(application, [...remarks, ...sentences]);
  const written = yield* packetPieces(writer, exported);
  const health = await workers();
  for (const [node, end] of written) {
    // What was found missing meanwhile is said here, and everywhere: nobody knows where it will be looked for.
    yield* piece(writer.statistics(node, end, statisticsOf(node, health), sentences.slice(told)));
  }
}

/** The packets of an export with the names of their addresses; answers of which nodes they were, and the time of the last of each. */
export async function* packetPieces(
  writer: PacketWriter,
  exported: PacketExport,
  isNew: (connection: string, time: number) => boolean = () => true,
): AsyncGenerator<Uint8Array, Map<string, number>> {
  const ends = new Map<string, number>();
  try {
    yield* piece(writer.names(exported.wanted.names.take()));
    for await (const packets of exported.read()) {
      const fresh = packets.filter(({ connection, time }) => isNew(connection, time));
      for (const { node, time } of fresh) ends.set(node, Math.max(time, ends.get(node) ?? 0));
      yield* piece(Buffer.concat(fresh.map((packet) => writer.packet(packet))));
    }
    return ends;
  } finally {
    exported.close();
  }
}

/** Nothing is no piece of a stream. */
function* piece(bytes: Uint8Array): Generator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes;
}

function statisticsOf(node: string, workers: readonly WorkerHealth[]): CaptureStatistics | undefined {
  const counters = workers.find((worker) => worker.node === node)?.counters;
  if (counters === undefined) return undefined;
  return {
    received: counters['packetsCaptured'] ?? 0,
    interfaceDrops: counters['interfaceDrops'] ?? 0,
    kernelDrops: counters['kernelDrops'] ?? 0,
  };
}
