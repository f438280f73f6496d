import { uint16, uint32 } from './format.ts';

/** What a section says of one of its interfaces (draft-ietf-opsawg-pcapng §4.2), and its last statistics (§4.6). */
export interface Interface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  /** Microseconds that one unit of the high and of the low half of a time stamp stand for. */
  readonly highMicros: number;
  readonly lowMicros: number;
  /** Microseconds to add. */
  readonly offset: number;
  /** Totals, as the latest statistics block had them. */
  interfaceDrops: number;
  kernelDrops: number;
}

const OPTION_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

/** Reads the body of an interface description block: `data[start, end)`, at least 8 bytes. */
export function readInterface(data: Uint8Array, start: number, end: number, little: boolean): Interface {
  let unitMicros = 1;
  let offset = 0;
  forEachOption(data, start + 8, end, little, (code, at, length) => {
    if (code === IF_TSRESOL && length >= 1) unitMicros = 1e6 / unitsPerSecond(data[at]!);
    if (code === IF_TSOFFSET && length >= 8)
      offset = Number(BigInt.asIntN(64, uint64(data, at, little))) * 1e6;
  });
  return {
    linkType: uint16(data, start, little),
    snapLength: uint32(data, start + 4, little),
    highMicros: unitMicros * 2 ** 32,
    lowMicros: unitMicros,
    offset,
    interfaceDrops: 0,
    kernelDrops: 0,
  };
}

/** Reads the options of an interface statistics block that count losses into `into`. */
export function readStatistics(
  data: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  into: Interface,
): void {
  forEachOption(data, start + 12, end, little, (code, at, length) => {
    if (length < 8) return;
    if (code === ISB_IFDROP) into.interfaceDrops = Number(uint64(data, at, little));
    if (code === ISB_OSDROP) into.kernelDrops = Number(uint64(data, at, little));
  });
}

/** if_tsresol: a negative power of 10, or of 2 if the highest bit is set. */
function unitsPerSecond(resolution: number): number {
  return resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
}

/** Options are code, length, value, padding to whole words; a list that runs over its block ends there. */
function forEachOption(
  data: Uint8Array,
  at: number,
  end: number,
  little: boolean,
  visit: (code: number, at: number, length: number) => void,
): void {
  while (at + 4 <= end) {
    const code = uint16(data, at, little);
    const length = uint16(data, at + 2, little);
    if (code === OPTION_END || at + 4 + length > end) return;
    visit(code, at + 4, length);
    at += 4 + ((length + 3) & ~3);
  }
}

function uint64(data: Uint8Array, at: number, little: boolean): bigint {
  const high = BigInt(uint32(data, little ? at + 4 : at, little));
  return (high << 32n) | BigInt(uint32(data, little ? at : at + 4, little));
}
