/** `ending`: of the file's name, where it is not the format's. */
export const FORMATS: readonly { name: string; label: string; meaning: string; ending?: string }[] = [
  { name: 'har', label: 'HAR', meaning: 'for the developer tools of browsers' },
  { name: 'ndjson', label: 'NDJSON', meaning: 'a JSON object a line, for scripts' },
  { name: 'html', label: 'Incident file', meaning: 'map and flows in one HTML file, for anybody' },
  { name: 'csv', label: 'CSV', meaning: 'a table, without headers and bodies' },
  {
    name: 'openapi',
    label: 'OpenAPI',
    meaning: 'what the services offer, as far as it was seen',
    ending: 'openapi.json',
  },
];

/** A selection as the parameters of an export; what is not given is left out. `from` and `to` as the address of the page has them. */
export function exportQuery(selection: { filter: string; from: string; to: string }): Record<string, string> {
  const { filter, from, to } = selection;
  return Object.fromEntries(Object.entries({ filter, from, to }).filter(([, value]) => value !== ''));
}

/** Where the hub writes the flows of a selection into a file. */
export function exportAddress(
  format: string,
  selection: { filter: string; from: string; to: string },
): string {
  const query = new URLSearchParams(exportQuery(selection));
  return `/api/v1/flows.${format}${query.size === 0 ? '' : `?${query}`}`;
}
