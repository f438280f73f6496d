import { ExchangeLayout, RecordKind, type RecordView } from '../../flow/record.ts';
import { MAX_TIME } from '../store/flow-id.ts';

/**
 * Whether a record that RecordView accepted can be believed further: its time can be an id's, and the texts inside its heads
 * lie inside them. A worker of ours writes no other ones.
 */
export function isSound(view: RecordView): boolean {
  if (!(view.time >= 0 && view.time < MAX_TIME)) return false;
  if (view.kind === RecordKind.connection) return true;
  const X = ExchangeLayout;
  const startLine = view.u16(X.methodLength) + 1 + view.u32(X.targetLength);
  if (view.hasRequest && startLine > view.u32(X.requestHeadLength)) return false;
  // Hops are the hub's to tell.
  if (view.u32(X.hopsLength) !== 0) return false;
  if (view.u16(X.reasonStart) + view.u16(X.reasonLength) > view.u32(X.responseHeadLength)) return false;
  return (
    isSize(view.requestBytes) &&
    isSize(view.responseBytes) &&
    isSize(view.requestSize) &&
    isSize(view.responseSize)
  );
}

function isSize(value: number): boolean {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
