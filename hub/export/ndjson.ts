import type { ExportFormat } from './format.ts';

export const NDJSON: ExportFormat = {
  name: 'ndjson',
  mediaType: 'application/x-ndjson',
  description: 'a JSON object a line',
  head: '',
  foot: '',
  separator: '',
  flow: (flow) => `${JSON.stringify(flow)}\n`,
};
