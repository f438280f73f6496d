import { type ExchangeMark, MARK_START, MAX_MARK, parseMark } from '../../flow/exchange-mark.ts';
import { forEachOption } from './pcapng-interface.ts';
import type { FileStats } from './source.ts';

/** opt_comment (draft-ietf-opsawg-pcapng §3.5). */
const COMMENT = 1;
/** Of one packet; more are left out, and counted. */
const MAX_MARKS = 16;

/** The marks that the options of a packet, `data[start, end)`, have in their comments: one for each exchange that begins with it. */
export function readMarks(
  data: Uint8Array,
  start: number,
  end: number,
  little: boolean,
  stats: Pick<FileStats, 'marksLeftOut'>,
): ExchangeMark[] {
  const marks: ExchangeMark[] = [];
  forEachOption(data, start, end, little, (code, at, length) => {
    if (code !== COMMENT || !startsAsMark(data, at, length)) return;
    const text = Buffer.from(data.buffer, data.byteOffset + at, Math.min(length, MAX_MARK));
    const mark = parseMark(text.toString('latin1'));
    if (mark === undefined) return;
    if (marks.length < MAX_MARKS) marks.push(mark);
    else stats.marksLeftOut++;
  });
  return marks;
}

function startsAsMark(data: Uint8Array, at: number, length: number): boolean {
  if (length < MARK_START.length) return false;
  for (let i = 0; i < MARK_START.length; i++) if (data[at + i] !== MARK_START.charCodeAt(i)) return false;
  return true;
}
