import { startsWith } from './octets.ts';

/** First octets, as Latin-1, of the images and fonts that may be shown: offset 0, and where needed more at another. */
const IMAGES: readonly Signature[] = [
  ['\x89PNG\r\n\x1a\n'],
  ['\xff\xd8\xff'],
  ['GIF87a'],
  ['GIF89a'],
  ['RIFF', 8, 'WEBPVP'],
  ['BM'],
  ['\0\0\x01\0'],
  ['\0\0', 4, 'ftypavif'],
];
const FONTS: readonly Signature[] = [['wOFF'], ['wOF2'], ['OTTO'], ['\0\x01\0\0'], ['ttcf']];

type Signature = readonly [text: string, at?: number, more?: string];

/** Whether the content is what its type says: `image/*` that is an image, `font/*` that is a font. */
export function isShowable(kind: 'image' | 'font', data: Uint8Array, start: number, end: number): boolean {
  const signatures = kind === 'image' ? IMAGES : FONTS;
  return signatures.some(
    ([text, at = 0, more = '']) =>
      startsWith(data, start, end, text) && startsWith(data, start + at, end, more),
  );
}

/** Looked at for octets that no text has. */
const PEEK = 512;

/** WHATWG MIME Sniffing §3, binary data byte: controls that text does not use. */
export function looksBinary(data: Uint8Array, start: number, end: number): boolean {
  const limit = Math.min(end, start + PEEK);
  for (let i = start; i < limit; i++) {
    const octet = data[i];
    if (
      octet <= 0x08 ||
      octet === 0x0b ||
      (octet >= 0x0e && octet <= 0x1a) ||
      (octet >= 0x1c && octet <= 0x1d) ||
      octet === 0x1f
    ) {
      return true;
    }
  }
  return false;
}
