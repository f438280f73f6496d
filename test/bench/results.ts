import type { HistoryResult } from './history/history.ts';
import type { IdentityResult } from './identity.ts';
import type { IngestResult } from './ingest.ts';
import type { LiveResult } from './live/scenario.ts';
import type { MapResult } from './map.ts';
import type { OfflineResult } from './offline.ts';
import type { PageResult } from './page.ts';
import type { RecordResult } from './record.ts';

/** What `--json` prints. What each figure means: docs/performance.md. */
export interface BenchResults {
  machine: {
    cpu: string;
    cores: number;
    node: string;
    /** Of the last minute, before the bench began: figures of a busy machine are to be read with care. */
    load: number;
    /** Where the offline programs ran. */
    place: string;
  };
  offline: OfflineResult[];
  record?: RecordResult[];
  /** `missing`: why there is no figure. */
  live?: LiveResult | { missing: string };
  ingest?: IngestResult;
  history?: HistoryResult;
  map?: MapResult;
  page?: PageResult | { missing: string };
  identity?: IdentityResult;
}
