/**
 * Packets from literal values, for tests and for the load generator of the benchmark.
 *
 * Layers are functions from fields to bytes and nest: `ethernet({ payload: ipv4({ ..., payload: tcp({ ... })
 * }) })`. Whole connections are told with `Conversation`; files are written with `pcapFile` and
 * `PcapngBuilder`.
 */
export * from './address.ts';
export * from './bytes.ts';
export * from './conversation.ts';
export * from './frame.ts';
export * from './impair.ts';
export * from './ip.ts';
export * from './link.ts';
export * from './pcap.ts';
export * from './pcapng.ts';
export * from './tcp.ts';
export * from './tunnel.ts';
