/** µs since the Unix epoch as RFC 3339 in UTC with microseconds: `2026-11-21T09:51:28.123456Z`. */
export function formatTime(us: number): string {
  const whole = Math.floor(us);
  const ms = Math.floor(whole / 1000);
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '1970-01-01T00:00:00.000000Z';
  const micros = whole - ms * 1000;
  return `${date.toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** RFC 3339 to µs since the epoch; NaN if it is not a time. Digits beyond the microsecond are cut off. */
export function parseTime(text: string): number {
  const match = /^(.*?T\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
  if (match === null) return Date.parse(text) * 1000;
  const [, seconds, fraction = '', zone = 'Z'] = match;
  return Date.parse(seconds + zone) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}
