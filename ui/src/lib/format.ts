/** Numbers and times as the page writes them: short, of even width, never with more precision than is true. */

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

/** Local wall-clock time to the millisecond, as in `03:12:07.481`. */
export function clockTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

/** Local date and time to the millisecond: `2026-03-01 03:12:07.481`. */
export function dayTime(time: string): string {
  return `${dateTime(time).slice(0, 11)}${clockTime(time)}`;
}

/** Local date and time to the second, as in `2026-03-01 03:12:07`. */
export function dateTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '–';
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockTime(time).slice(0, 8)}`;
}

/** Octets in SI units with three significant digits at most: `812 B`, `1.2 kB`, `64 kB`. */
export function bytes(n: number): string {
  if (!Number.isFinite(n) || n < 0) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit > 0 && n < 9.95 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

/** A span of time given in milliseconds: `0.42 ms`, `12.3 ms`, `348 ms`, `1.24 s`, `2 m 05 s`, `3 h 02 m`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${pad(seconds % 60)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`;
  return `${Math.round(minutes / 1440)} d`;
}

/** A whole number with thin groups: `12 345 678`. */
export function whole(n: number): string {
  if (!Number.isFinite(n)) return '–';
  const digits = String(Math.round(Math.abs(n)));
  return (n < 0 ? '−' : '') + digits.replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** `1 flow`, `12 345 flows`. */
export function counted(n: number, one: string): string {
  return `${whole(n)} ${one}${n === 1 ? '' : 's'}`;
}

/** A count for narrow places: `940`, `1.2k`, `64k`, `1.5M`. */
export function short(n: number): string {
  if (!Number.isFinite(n)) return '–';
  const units = ['', 'k', 'M', 'G', 'T'];
  let unit = 0;
  while (Math.abs(n) >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit > 0 && Math.abs(n) < 9.95 ? n.toFixed(1) : Math.round(n)}${units[unit]}`;
}

/** Events a second: `0.03/s`, `4.2/s`, `1.2k/s`. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–';
  if (perSecond > 0 && perSecond < 0.01) return '<0.01/s';
  if (perSecond > 0 && perSecond < 0.995) return `${perSecond.toFixed(2)}/s`;
  if (perSecond > 0 && perSecond < 9.95) return `${perSecond.toFixed(1)}/s`;
  return `${short(perSecond)}/s`;
}

/** A share of 0 to 1: `0%`, `<0.1%`, `2.4%`, `38%`. A share that is not nought never reads as nought. */
export function percent(share: number): string {
  if (!Number.isFinite(share) || share <= 0) return '0%';
  if (share < 0.001) return '<0.1%';
  if (share < 0.0995) return `${(share * 100).toFixed(1)}%`;
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}%`;
}

export type StatusKind = 'none' | 'info' | 'ok' | 'redirect' | 'client-error' | 'server-error';

/** The class of a status code (RFC 9110 §15); 0, no answer seen, is `none`. */
export function statusKind(status: number): StatusKind {
  if (status >= 500) return 'server-error';
  if (status >= 400) return 'client-error';
  if (status >= 300) return 'redirect';
  if (status >= 200) return 'ok';
  return status >= 100 ? 'info' : 'none';
}

/** How long ago, in words for a person: `just now`, `12 s ago`, `3 m 10 s ago`. */
export function ago(time: string, now: number): string {
  const ms = now - new Date(time).getTime();
  if (Number.isNaN(ms)) return '–';
  if (ms < 1500) return 'just now';
  return ms < 60_000 ? `${Math.round(ms / 1000)} s ago` : `${duration(ms)} ago`;
}

/** The hub's messages as sentences: with a capital and a full stop, bounded. */
export function sentence(text: string): string {
  const trimmed = text.trim().slice(0, 2_000);
  if (trimmed === '') return '';
  return trimmed[0]!.toUpperCase() + trimmed.slice(1) + (/[.?!…]$/.test(trimmed) ? '' : '.');
}
