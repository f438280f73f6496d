import type { Health, TargetReport } from '../../flow/api.ts';
import type { TargetSpec } from '../../flow/targets.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../clock.ts';
import type { PacketSource } from '../export/packets/packet-export.ts';
import type { Follower } from '../live/live.ts';
import type { Store } from '../store/store.ts';
import type { Auth } from './auth.ts';
import type { Site } from './site.ts';

/** Which pods are tapped. */
export interface TargetControl {
  report(): TargetReport;
  /** Throws TargetError, and then nothing has changed. */
  retarget(spec: TargetSpec): void;
}

/** What the routes work with. */
export interface ApiContext {
  store: Store;
  clock: Clock;
  /** The packets that workers have recorded. */
  packets: PacketSource;
  /** Where exports with secrets are written down; undefined: there are none. */
  audit: AuditLog | undefined;
  /** Flows that pass a filter, from now on. Throws FilterError. */
  follow: (filter: string) => Follower;
  health: () => Promise<Health>;
  /** Whether it is time to let others in. */
  ready: () => boolean;
  /** undefined: no cluster is tapped. */
  targets: TargetControl | undefined;
  auth: Auth;
  site: Site;
  version: string;
  /** Folder of the built page; it need not exist. */
  uiDir: string;
}
