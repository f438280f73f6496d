/**
 * The id of a flow: 14 hex digits of its time (µs), '-', 16 hex digits of a hash. It sorts by time, tells the store where
 * the flow lies, and serves as the cursor of a page.
 */
export interface FlowId {
  /** µs since the epoch, whole. */
  time: number;
  /** 32 bits each. */
  high: number;
  low: number;
}

const FORM = /^[0-9a-f]{14}-[0-9a-f]{16}$/;

/** Times that an id can hold: up to 2^53 - 1 µs, the year 2255. */
export const MAX_TIME = Number.MAX_SAFE_INTEGER;

export function formatFlowId(time: number, high: number, low: number): string {
  const whole = Math.floor(time);
  return `${hex(Math.floor(whole / 0x1_0000_0000), 6)}${hex(whole >>> 0, 8)}-${hex(high, 8)}${hex(low, 8)}`;
}

export function parseFlowId(id: string): FlowId | undefined {
  if (!FORM.test(id)) return undefined;
  return {
    time: Number.parseInt(id.slice(0, 14), 16),
    high: Number.parseInt(id.slice(15, 23), 16),
    low: Number.parseInt(id.slice(23), 16),
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
