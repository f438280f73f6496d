export const FORMATS = [
  { name: 'har', label: 'HAR', meaning: 'for the developer tools of browsers' },
  { name: 'ndjson', label: 'NDJSON', meaning: 'a JSON object a line, for scripts' },
  { name: 'csv', label: 'CSV', meaning: 'a table, without headers and bodies' },
] as const;

/** Where the hub writes the flows of a selection into a file. `from` and `to` as the address of the page has them. */
export function exportAddress(
  format: (typeof FORMATS)[number]['name'],
  selection: { filter: string; from: string; to: string },
): string {
  const query = new URLSearchParams();
  for (const key of ['filter', 'from', 'to'] as const)
    if (selection[key] !== '') query.set(key, selection[key]);
  return `/api/v1/flows.${format}${query.size === 0 ? '' : `?${query}`}`;
}
