import {
  CLOSE_REASONS,
  Common,
  ConnectionLayout,
  PROTOCOLS,
  RecordKind,
  type RecordWriter,
  SIDE_FIELDS,
} from '../../flow/record.ts';
import type { CloseReason, ConnectionInfo, SideStats } from '../tcp/stream.ts';

const HTTP = PROTOCOLS.indexOf('http');
const TLS = PROTOCOLS.indexOf('tls');
const NOBODY = 2;

/** Addresses, ports and number: what every record of a connection begins with. `swapped`: its ends are the other way round. */
export function writeCommon(
  writer: RecordWriter,
  connection: ConnectionInfo,
  swapped: boolean,
  time: number,
): void {
  const { clientPort, serverPort } = connection;
  writer.u8(Common.protocol, HTTP);
  writer.f64(Common.time, time);
  const { client0, client1, client2, client3, server0, server1, server2, server3 } = connection;
  writer.address(swapped ? Common.dst : Common.src, client0, client1, client2, client3);
  writer.address(swapped ? Common.src : Common.dst, server0, server1, server2, server3);
  writer.u16(Common.srcPort, swapped ? serverPort : clientPort);
  writer.u16(Common.dstPort, swapped ? clientPort : serverPort);
  writer.u32(Common.connection, connection.id);
}

/** Writes what is known of a connection, when it ends or (`open`) while it goes on. */
export function writeConnection(
  writer: RecordWriter,
  connection: ConnectionInfo,
  swapped: boolean,
  reason: CloseReason | 'open',
): void {
  beginConnection(writer, connection, swapped, reason);
  writer.commit();
}

/** Writes that the server of an open connection is asked for by `name` (ASCII), which is all that is read of TLS. */
export function writeServerName(
  writer: RecordWriter,
  connection: ConnectionInfo,
  swapped: boolean,
  name: string,
): void {
  beginConnection(writer, connection, swapped, 'open');
  writer.u8(Common.protocol, TLS);
  writer.u16(ConnectionLayout.serverNameLength, name.length);
  for (let i = 0; i < name.length; i++) writer.appendU8(name.charCodeAt(i));
  writer.commit();
}

function beginConnection(
  writer: RecordWriter,
  connection: ConnectionInfo,
  swapped: boolean,
  reason: CloseReason | 'open',
): void {
  writer.begin(RecordKind.connection, ConnectionLayout.end);
  writeCommon(writer, connection, swapped, connection.startTime);
  writer.f64(ConnectionLayout.endTime, connection.time);
  writer.f64(ConnectionLayout.roundTrip, connection.roundTrip);
  const closer = connection.closedBy < 0 ? NOBODY : swapped ? 1 - connection.closedBy : connection.closedBy;
  writer.u8(ConnectionLayout.closedBy, closer);
  writer.u8(ConnectionLayout.closeReason, CLOSE_REASONS.indexOf(reason));
  const [client, server] = swapped ? [1, 0] : [0, 1];
  writer.i32(ConnectionLayout.clientSeq, connection.sides[client].firstSeq);
  writeSide(writer, ConnectionLayout.client, connection.sides[client].stats);
  writeSide(writer, ConnectionLayout.server, connection.sides[server].stats);
}

function writeSide(writer: RecordWriter, at: number, stats: SideStats): void {
  for (let n = 0; n < SIDE_FIELDS.length; n++) writer.f64(at + 8 * n, stats[SIDE_FIELDS[n]]);
}
