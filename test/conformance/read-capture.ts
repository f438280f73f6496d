import type { Flow } from '../../flow/flow.ts';
import { RecordKind, RecordView, toFlow } from '../../flow/record.ts';
import { CaptureError } from '../../worker/capture/error.ts';
import { openFile } from '../../worker/capture/file.ts';
import { Packet } from '../../worker/packet/packet.ts';
import { DEFAULT_MAX_BODY, Pipeline } from '../../worker/pipeline.ts';

/** Reads a capture file through the worker's whole path, with nothing redacted. */
export async function readCapture(
  path: string,
): Promise<{ flows: Flow[]; counters: Record<string, number> }> {
  const pipeline = new Pipeline({ maxBody: DEFAULT_MAX_BODY, redact: { enabled: false } });
  const file = await openFile(path);
  const packet = new Packet();
  try {
    do while (file.next(packet)) pipeline.packet(packet);
    while (await file.fill());
  } catch (error) {
    // A file that is cut off still gives everything up to there.
    if (!(error instanceof CaptureError)) throw error;
  } finally {
    await file.close();
  }
  pipeline.finish();
  return { flows: flowsOf(pipeline.records.take()), counters: pipeline.counters() };
}

function flowsOf(bytes: Uint8Array): Flow[] {
  const view = new RecordView();
  const flows: Flow[] = [];
  for (let at = 0; at < bytes.length; at += RecordView.lengthAt(bytes, at)) {
    view.at(bytes, at);
    if (view.kind !== RecordKind.exchange) continue;
    const src = { ip: view.srcIp, port: view.srcPort, name: view.srcIp };
    const dst = { ip: view.dstIp, port: view.dstPort, name: view.dstIp };
    flows.push(toFlow(view, { id: String(at), node: 'file', session: 'conformance', src, dst }));
  }
  return flows;
}
