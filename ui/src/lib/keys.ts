/** Whether a key belongs to a field that is being typed in, also one within a shadow root. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select');
}

/** The keys as the help lists them. */
export const KEYS: readonly { keys: string[]; does: string }[] = [
  { keys: ['1', '2', '3'], does: 'Traffic, map, health' },
  { keys: ['/'], does: 'Write a filter (on the map: find by name or filter)' },
  { keys: ['f', 'h'], does: 'Saved filters; examples and fields of filters' },
  { keys: ['p'], does: 'Choose the time' },
  { keys: ['e'], does: 'Export the flows, or the map' },
  { keys: ['Tab', '↑'], does: 'In the filter: take what is proposed; filters of the past' },
  { keys: ['Ctrl', '.'], does: 'In the filter: mend what is underlined' },
  { keys: ['j', 'k'], does: 'Next and previous flow; also ↓ and ↑' },
  { keys: ['Enter'], does: 'Open the flow; apply the filter' },
  { keys: ['Esc'], does: 'Close the flow, or what is open on top' },
  { keys: ['Space'], does: 'Pause and resume the list' },
  { keys: ['Home', 'End'], does: 'Newest and oldest flow' },
  { keys: ['m'], does: 'Values of the flow, to filter by; also the right mouse button' },
  { keys: ['x'], does: 'Select the flow, to copy or export several; Shift ↓ for a stretch' },
  { keys: ['c'], does: 'Mark the flow; then compare another with it' },
  { keys: ['w', 'y'], does: 'Packets of the open flow (PCAP); its request sent again' },
  { keys: ['o'], does: 'Columns of the list' },
  {
    keys: ['r'],
    does: 'Connections that were refused; on the map: replay its range, Space plays, , and . step',
  },
  { keys: ['+', '-', '0'], does: 'The map: larger, smaller, all of it' },
  { keys: ['d', 'l'], does: 'The map: compare with another time; what its lines say' },
  { keys: ['b'], does: 'The map as a table, and drawn' },
  { keys: ['s'], does: 'Statistics of the flows that are shown' },
  { keys: ['t'], does: 'Light and dark' },
  { keys: ['?'], does: 'This help' },
];
