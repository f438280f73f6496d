import type { Body } from '../../../flow/flow.ts';

export type BodyView = 'json' | 'values' | 'fields' | 'image' | 'xml' | 'html' | 'text' | 'hex';

/** Raster types that a browser decodes without running anything. SVG is markup and is shown as such. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp']);

/** The media type alone: lower case, without parameters. */
export function mediaType(mime: string): string {
  return (mime.split(';')[0] ?? '').trim().toLowerCase();
}

export function imageType(mime: string): string | undefined {
  const type = mediaType(mime);
  return IMAGES.has(type) ? type : undefined;
}

/** The ways a body can be looked at, the best first. A withheld body has none. */
export function viewsOf(body: Body): BodyView[] {
  const type = mediaType(body.mime);
  if (body.base64 !== undefined) return imageType(type) === undefined ? ['hex'] : ['image', 'hex'];
  if (body.text === undefined) return [];
  if (type === 'application/x-www-form-urlencoded') return ['fields', 'text'];
  if (/[/+](json|x-ndjson|jsonl)$/.test(type) || /^\s*[[{]/.test(body.text))
    return ['json', 'values', 'text'];
  if (type === 'text/html' || type === 'application/xhtml+xml') return ['html', 'text'];
  if (/[/+]xml$/.test(type) || /^\s*<\?xml/.test(body.text)) return ['xml', 'text'];
  return ['text'];
}

export const VIEW_LABELS: Record<BodyView, string> = {
  json: 'Pretty',
  values: 'Values',
  fields: 'Fields',
  image: 'Image',
  xml: 'XML',
  html: 'HTML source',
  text: 'As sent',
  hex: 'Hex',
};
