import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { createCredentials } from './credentials.ts';
import type { Credentials } from './options.ts';

/** Shakes hands as a worker does. Resolves with the protocol's version, rejects with why not. */
async function shakeHands(server: Credentials, ca: string, servername: string): Promise<string | null> {
  const listener = createServer({ cert: server.serverCertificate, key: server.serverKey }, (socket) => {
    socket.on('error', () => {});
    socket.end();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, ca, servername });
  try {
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    return socket.getProtocol();
  } finally {
    socket.destroy();
    listener.close();
  }
}

const credentials = await createCredentials('remora');

test.each([
  'remora-hub',
  'remora-hub.remora',
  'remora-hub.remora.svc',
  'remora-hub.remora.svc.cluster.local',
  'localhost',
])('TLS takes the certificate for %s', async (name) => {
  expect(await shakeHands(credentials, credentials.caCertificate, name)).toBe('TLSv1.3');
});

test.each(['remora-hub.other.svc', 'kubernetes.default.svc'])('TLS refuses it for %s', async (name) => {
  await expect(shakeHands(credentials, credentials.caCertificate, name)).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

test('the authority of another install does not vouch for this hub', async () => {
  const other = await createCredentials('remora');
  await expect(shakeHands(credentials, other.caCertificate, 'remora-hub')).rejects.toThrow(
    /signature failure|unable to verify|self-signed/,
  );
});

test('nothing is the same twice', async () => {
  const other = await createCredentials('remora');
  for (const name of Object.keys(credentials) as (keyof Credentials)[]) {
    expect(other[name]).not.toBe(credentials[name]);
  }
  expect(credentials.token).not.toBe(credentials.workerToken);
});

test('tokens hold 256 bits and stand in a header as they are', () => {
  for (const token of [credentials.token, credentials.workerToken]) {
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  }
});

test('the certificate may serve TLS and do nothing else', () => {
  const certificate = new X509Certificate(credentials.serverCertificate);
  const authority = new X509Certificate(credentials.caCertificate);
  expect(certificate.ca).toBe(false);
  // id-kp-serverAuth, RFC 5280 §4.2.1.12
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(authority.ca).toBe(true);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(certificate.serialNumber).not.toBe(authority.serialNumber);
});

test('it is valid from an hour ago, for three years', () => {
  for (const pem of [credentials.serverCertificate, credentials.caCertificate]) {
    const { validFrom, validTo } = new X509Certificate(pem);
    expect(Date.now() - Date.parse(validFrom)).toBeGreaterThan(3_500_000);
    const days = (Date.parse(validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(1090);
    expect(days).toBeLessThan(1096);
  }
});
