/** The state behind the API: objects, who may what, logs, what runs in the pods, and the faults a test planned. */

import { Rbac } from './access/rules.ts';
import { Users } from './access/users.ts';
import type { RequestRecord } from './api.ts';
import { Connections } from './connections.ts';
import { Faults } from './faults.ts';
import { ObjectStore } from './objects/store.ts';
import { Watches } from './objects/watches.ts';
import { Execs } from './streams/exec.ts';
import { Logs } from './streams/logs.ts';
import { PodPorts } from './streams/ports.ts';

export class Cluster {
  readonly objects = new ObjectStore();
  readonly users = new Users();
  readonly rbac = new Rbac(this.objects);
  readonly watches: Watches;
  readonly faults = new Faults();
  readonly logs = new Logs();
  readonly execs = new Execs();
  readonly ports = new PodPorts();
  readonly connections = new Connections();
  /** Every request that was not met by a fault, oldest first. */
  readonly requests: RequestRecord[] = [];
  /** Names of the custom resources it has: `ciliumnodes.cilium.io`. */
  readonly custom: ReadonlySet<string>;
  /** `127.0.0.1:PORT`, once the server listens. */
  address = '';

  constructor(bookmarkEveryMs: number, custom: readonly string[] = []) {
    this.custom = new Set(custom);
    this.watches = new Watches(this.objects, this.connections, bookmarkEveryMs);
  }
}
