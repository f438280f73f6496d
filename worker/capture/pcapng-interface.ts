import { uint16, uint32 } from './format.ts';

/**
 * What a section says of one of its interfaces (draft-ietf-opsawg-pcapng §4.2), and its last statistics
 * (§4.6).
 */
export interface Interface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  /**
   * A unit of its time stamps is `unitMicros / unitDivisor` microseconds: both whole, so that nothing is
   * rounded early.
   */
  readonly unitMicros: number;
  readonly unitDivisor: number;
  /** Microseconds to add. */
  readonly offset: number;
  /** Totals, as the latest statistics block had them. */
  interfaceDrops: number;
  kernelDrops: number;
}

/** Microseconds. */
const DEFAULT_RESOLUTION = 6;

const OPTION_END = 0;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

/** Reads the body of an interface description block: `data[start, end)`, at least 8 bytes. */
export function readInterface(data: Uint8Array, start: number, end: number, little: boolean): Interface {
  let resolution = DEFAULT_RESOLUTION;
  let offset = 0;
  forEachOption(data, start + 8, end, little, (code, at, length) => {
    if (code === IF_TSRESOL && length >= 1) resolution = data[at]!;
    if (code === IF_TSOFFSET && length >= 8)
      offset = Number(BigInt.asIntN(64, uint64(data, at, little))) * 1e6;
  });
  return {
    linkType: uint16(data, start, little),
    snapLength: uint32(data, start + 4, little),
    ...unitOf(resolution),
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

/** if_tsresol: a negative power of 10 seconds, or of 2 if the highest bit is set. */
function unitOf(resolution: number): Pick<Interface, 'unitMicros' | 'unitDivisor'> {
  if (resolution & 0x80) return { unitMicros: 1e6, unitDivisor: 2 ** (resolution & 0x7f) };
  return { unitMicros: 10 ** Math.max(0, 6 - resolution), unitDivisor: 10 ** Math.max(0, resolution - 6) };
}

/** Microseconds since the epoch of a time stamp given in two halves, exact as far as a double can hold it. */
export function timeOf(high: number, low: number, of: Interface): number {
  const scaled = high * of.unitMicros;
  const whole = Math.floor(scaled / of.unitDivisor);
  const rest = scaled - whole * of.unitDivisor;
  return whole * 2 ** 32 + (rest * 2 ** 32 + low * of.unitMicros) / of.unitDivisor + of.offset;
}

/** Options of a block (§3.5) are code, length, value, padding to whole words; a list that runs over its block ends there. */
export function forEachOption(
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
