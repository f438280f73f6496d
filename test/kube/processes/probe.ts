/** An HTTP probe, as a kubelet sends it: the certificate is not looked at. */

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { asList, asRecord, type Json } from '../types.ts';

const TIMEOUT_MS = 2000;

/** True when the probe's address answers with 200 to 399; without a probe always. */
export async function isReadyByProbe(
  container: Json,
  localPort: (port: number) => number | undefined,
): Promise<boolean> {
  const probe = asRecord(asRecord(container['readinessProbe'])['httpGet']);
  if (probe['port'] === undefined) return true;
  const port = localPort(portNumber(container, probe['port']));
  if (port === undefined) return false;
  const request = probe['scheme'] === 'HTTPS' ? requestHttps : requestHttp;
  const path = String(probe['path'] ?? '/');
  return await new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path, rejectUnauthorized: false, timeout: TIMEOUT_MS, agent: false },
      (response) => {
        response.resume();
        const { statusCode = 500 } = response;
        resolve(statusCode >= 200 && statusCode < 400);
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function portNumber(container: Json, port: unknown): number {
  if (typeof port === 'number') return port;
  return Number(asList(container['ports']).find(({ name }) => name === port)?.['containerPort']);
}
