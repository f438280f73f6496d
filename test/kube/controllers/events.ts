/** Events about objects, counted when they repeat, as the recorders of the components write them. */

import { createHash } from 'node:crypto';
import type { ObjectStore } from '../objects/store.ts';
import { now } from '../objects/store.ts';
import type { KubeObject } from '../types.ts';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** kubelet, default-scheduler, daemonset-controller, … */
  component: string;
  host?: string;
  /** `spec.containers{c}` */
  fieldPath?: string;
}

/** Records an event; the same one again raises its count. */
export function recordEvent(store: ObjectStore, about: KubeObject, event: EventText): void {
  const namespace = about.metadata.namespace ?? 'default';
  const name = `${about.metadata.name}.${eventId(about, event)}`;
  const known = store.get('events', namespace, name);
  if (known !== undefined) {
    store.modify('events', namespace, name, (copy) => {
      copy['count'] = Number(copy['count'] ?? 1) + 1;
      copy['lastTimestamp'] = now();
    });
    return;
  }
  // The scheduler writes the newer kind of event, with a time and no counts.
  const isNew = event.component === 'default-scheduler';
  store.create({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: {
      kind: about.kind,
      namespace,
      name: about.metadata.name,
      uid: about.metadata.uid,
      apiVersion: about.apiVersion,
      resourceVersion: about.metadata.resourceVersion,
      ...(event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }),
    },
    reason: event.reason,
    message: event.message,
    source: isNew
      ? {}
      : { component: event.component, ...(event.host === undefined ? {} : { host: event.host }) },
    firstTimestamp: isNew ? null : now(),
    lastTimestamp: isNew ? null : now(),
    ...(isNew ? {} : { count: 1 }),
    type: event.type,
    eventTime: isNew ? new Date().toISOString().replace('Z', '000Z') : null,
    ...(isNew ? { action: event.reason === 'Scheduled' ? 'Binding' : 'Scheduling' } : {}),
    reportingComponent: event.component,
    reportingInstance: isNew ? 'default-scheduler-node1' : (event.host ?? ''),
  } as KubeObject);
}

function eventId(about: KubeObject, { reason, message, fieldPath }: EventText): string {
  const what = JSON.stringify([about.metadata.uid, reason, message, fieldPath]);
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}
