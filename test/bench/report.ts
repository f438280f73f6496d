import type { HistoryResult } from './history/history.ts';
import type { IdentityResult } from './identity.ts';
import type { IngestResult } from './ingest.ts';
import type { LiveResult } from './live/scenario.ts';
import type { MapResult } from './map.ts';
import type { OfflineResult, PeerResult } from './offline.ts';
import type { Frames, PageResult } from './page.ts';
import type { RecordResult } from './record.ts';
import type { BenchResults } from './results.ts';

/** The results as tables for people; in Markdown, so that they can be pasted into docs/performance.md. */
export function report({
  machine,
  offline,
  record,
  live,
  ingest,
  history,
  map,
  page,
  identity,
}: BenchResults): string {
  const { cpu, cores, node, load, place } = machine;
  const parts = [`${cpu}, ${cores} cores, Node.js ${node}, load ${load.toFixed(1)}; captures on ${place}`];
  if (offline.length > 0) parts.push(offlineTable(offline), peerTable(offline));
  if (record !== undefined) parts.push(...recordTables(record));
  if (live !== undefined)
    parts.push('missing' in live ? `live: not measured: ${live.missing}` : liveTable(live));
  if (ingest !== undefined) parts.push(ingestTable(ingest));
  if (history !== undefined) parts.push(...historyTables(history));
  if (map !== undefined) parts.push(mapTable(map));
  if (page !== undefined)
    parts.push('missing' in page ? `page: not measured: ${page.missing}` : pageTable(page));
  if (identity !== undefined) parts.push(identityTable(identity));
  return `${parts.join('\n\n')}\n`;
}

function offlineTable(results: OfflineResult[]): string {
  return table(
    [
      'capture',
      'exchanges',
      'read',
      'exch./s',
      'exch./CPU s',
      'packets/s',
      'Gbit/s',
      'CPU s/million',
      'peak',
    ],
    results.map((result) => [
      result.kind,
      count(result.exchangesMade),
      count(result.exchanges),
      count(result.exchangesPerSecond),
      count(result.exchangesPerCpuSecond),
      count(result.packetsPerSecond),
      result.gigabitsPerSecond.toFixed(2),
      result.cpuSecondsPerMillion.toFixed(2),
      mebibytes(result.peakBytes),
    ]),
  );
}

/** Remora first, then each peer with how many times Remora's time it takes. */
function peerTable(results: OfflineResult[]): string {
  return table(
    ['capture', 'program', 'CPU s', 'elapsed s', '× CPU', '× elapsed', 'rounds'],
    results.flatMap(({ kind, process, peers }) => [
      [kind, 'remora', process.cpuSeconds.toFixed(2), process.wallSeconds.toFixed(2), '1', '1', ''],
      ...peers.map((peer) => [kind, peer.name, ...peerFigures(peer)]),
    ]),
  );
}

function peerFigures({
  cpuSeconds,
  wallSeconds,
  cpuRatio,
  wallRatio,
  rounds,
  missing,
}: PeerResult): string[] {
  if (missing !== undefined) return [missing, '', '', '', ''];
  return [cpuSeconds, wallSeconds, cpuRatio, wallRatio]
    .map((figure) => figure?.toFixed(2) ?? '')
    .concat(String(rounds));
}

function recordTables(results: RecordResult[]): string[] {
  const costs = table(
    ['recorded', 'packets', 'shed', 'µs/packet', 'recorded', 'costs', 'half of all turns', 'of CPU', 'first'],
    results.map(({ place, recordedPackets, shedPackets, later, first }) => [
      place,
      count(recordedPackets),
      count(shedPackets),
      later.plainMicroseconds.toFixed(2),
      later.recordedMicroseconds.toFixed(2),
      percent(later.costs),
      later.quartiles.map(percent).join(' to '),
      percent(later.pathCpuCosts),
      percent(first.costs),
    ]),
  );
  const exports = table(
    ['exported from', 'MB/s', 'MB/CPU s', 'recorded for, CPU µs/packet'],
    results.map(({ place, exportedPerSecond, exportedPerCpuSecond, later }) => [
      place,
      (exportedPerSecond / 1e6).toFixed(1),
      (exportedPerCpuSecond / 1e6).toFixed(1),
      later.cpuMicroseconds.toFixed(2),
    ]),
  );
  return [costs, exports];
}

function liveTable(live: LiveResult): string {
  return table(
    ['live', 'figure'],
    [
      ['requests served', `${count(live.served)} in ${live.seconds} s (${count(live.servedPerSecond)}/s)`],
      ['flows stored', `${count(live.stored)} (${count(live.stored - live.served, true)})`],
      ['packets captured', count(live.packets)],
      ['dropped by the kernel', count(live.kernelDrops)],
      ['dropped by the interface', count(live.interfaceDrops)],
      ['left unread by the worker', count(live.overloadDrops)],
      ['flows dropped from the spool', count(live.spoolDroppedFlows)],
      ['worker: CPU s/million', live.workerCpuSecondsPerMillion.toFixed(1)],
      ['worker: peak', mebibytes(live.workerPeakBytes)],
      ['hub: CPU s/million', live.hubCpuSecondsPerMillion.toFixed(1)],
    ],
  );
}

function ingestTable(ingest: IngestResult): string {
  return table(
    ['ingest', 'figure'],
    [
      ['flows/s', count(ingest.flowsPerSecond)],
      ['CPU s/million, both ends', ingest.cpuSecondsPerMillion.toFixed(1)],
      ['bytes a record', count(ingest.bytesPerRecord)],
      ['stored bytes a flow', count(ingest.storedBytesPerFlow)],
      ['map over all flows', `${ingest.mapMs.toFixed(0)} ms`],
      ['newest 100 flows', `${ingest.pageMs.toFixed(0)} ms`],
    ],
  );
}

function historyTables(history: HistoryResult): string[] {
  const { alone, whileAsked } = history;
  return [
    table(
      [`history: ${count(history.flows)} flows`, 'found', 'ms', 'looked through', 'flows/s', 'flows/CPU s'],
      history.questions.map(({ name, found, ms, scanned, scannedPerSecond, scannedPerCpuSecond }) => [
        name,
        count(found),
        count(ms),
        count(scanned),
        count(scannedPerSecond),
        count(scannedPerCpuSecond),
      ]),
    ),
    table(
      ['history', 'figure'],
      [
        ['stored bytes a flow', count(history.storedBytesPerFlow)],
        ['segments', count(history.segments)],
        ['ingest, nobody asks', `${count(alone.flowsPerSecond)} flows/s`],
        ['longest commit', `${count(alone.longestCommitMs)} ms`],
        ['ingest while questions are asked', `${count(whileAsked.flowsPerSecond)} flows/s`],
        ['longest commit', `${count(whileAsked.longestCommitMs)} ms`],
      ],
    ),
  ];
}

function mapTable({ flows, maps }: MapResult): string {
  return table(
    [`map: ${count(flows)} flows`, 'minutes', 'nodes', 'edges', 'first ms', 'ms'],
    maps.map(({ level, minutes, nodes, edges, firstMs, ms }) => [
      level,
      ...[minutes, nodes, edges, firstMs, ms].map((figure) => count(figure)),
    ]),
  );
}

function pageTable({ nodes, edges, loadMs, moving, zooming }: PageResult): string {
  const frames = (name: string, { count: n, p50, p95, longest }: Frames): string[][] => [
    [`${name}: frames`, count(n)],
    [`${name}: ms a frame, p50, p95, longest`, [p50, p95, longest].map((ms) => ms.toFixed(1)).join(', ')],
  ];
  return table(
    [`page: a map of ${count(nodes)} nodes, ${count(edges)} edges`, 'figure'],
    [
      ['there after', `${count(loadMs)} ms`],
      ...frames('moving it', moving),
      ...frames('zooming it', zooming),
    ],
  );
}

function identityTable(identity: IdentityResult): string {
  return table(
    ['identity', 'figure'],
    [
      ['pods', count(identity.pods)],
      ['nodes', count(identity.nodes)],
      ['memory', `${identity.mebibytes.toFixed(0)} MiB`],
      ['to list them, both ends', `${identity.secondsToList.toFixed(1)} s`],
      ['a change is known after', `${identity.changeMs.toFixed(1)} ms`],
      ['address to pod, CPU', `${count(identity.nsPerLookup)} ns`],
      ['record to both names, CPU', `${count(identity.nsPerNaming)} ns`],
    ],
  );
}

function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [header, rule, ...rows].map(line).join('\n');
}

function count(value: number, signed = false): string {
  return new Intl.NumberFormat('en', {
    maximumFractionDigits: 0,
    signDisplay: signed ? 'exceptZero' : 'auto',
  }).format(value);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
