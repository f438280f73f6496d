/** A token for a service account, on request. */

import type { Cluster } from '../cluster.ts';
import { now } from '../objects/store.ts';
import type { ApiRequest, ResourceRequest } from '../request.ts';
import { resourceNamed } from '../resources.ts';
import { asRecord, asStrings } from '../types.ts';
import { AUDIENCE } from './reviews.ts';

const AN_HOUR = 3600;

export function tokenRequest(
  { objects, users }: Cluster,
  request: ApiRequest,
  target: ResourceRequest,
): object {
  const { namespace, name } = target;
  objects.need(resourceNamed('serviceaccounts'), namespace, name);
  const spec = asRecord(asRecord(JSON.parse(request.body.toString()))['spec']);
  const wanted = asStrings(spec['audiences']);
  const expirationSeconds = Number(spec['expirationSeconds'] ?? AN_HOUR);
  const expires = new Date(Date.now() + expirationSeconds * 1000).toISOString();
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: now() },
    spec: { audiences: wanted.length > 0 ? wanted : [AUDIENCE], expirationSeconds, boundObjectRef: null },
    status: {
      token: users.addServiceAccount(namespace, name),
      expirationTimestamp: `${expires.slice(0, 19)}Z`,
    },
  };
}
