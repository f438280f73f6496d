/** A kubeconfig for one user of the test server. */

import { stringify } from 'yaml';

export interface Access {
  url: string;
  /** PEM; undefined for a server without TLS. */
  ca: string | undefined;
  user: string;
  token: string;
  namespace?: string;
}

export function kubeconfigText({ url, ca, user, token, namespace }: Access): string {
  const cluster = {
    server: url,
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
  };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user, ...(namespace ? { namespace } : {}) } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: user, user: { token } }],
  });
}
