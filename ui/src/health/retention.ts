import type { Health } from '../../../flow/api.ts';
import { bytes } from '../lib/format.ts';

/** `grows by 1.2 GB an hour; the limit holds about 26 h`; '' while that is not known. */
export function growthInWords({ bytesPerHour, keepsHours }: Health['hub']): string {
  if (bytesPerHour === null) return '';
  const grows = `grows by ${bytes(bytesPerHour)} an hour`;
  return keepsHours === null ? grows : `${grows}; the limit holds about ${span(keepsHours)}`;
}

function span(hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
  return hours < 72 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
