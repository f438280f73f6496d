/** The record, in one import: see record/layout.ts for what it is. */
export { withHops } from './record/hops.ts';
export * from './record/layout.ts';
export { lazyFlow } from './record/lazy-flow.ts';
export {
  connectionId,
  type Naming,
  readCompleteness,
  toConnection,
  toFlow,
  toRow,
} from './record/to-flow.ts';
export { RecordView } from './record/view.ts';
export { RecordWriter } from './record/writer.ts';
