import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HubError } from '../errors.ts';

/** Where a server's certificate (with those between it and the authority behind it) and its key are, PEM. */
export interface TlsPaths {
  cert: string;
  key: string;
}

/** What a server shows to those who connect, checked. */
export interface KeyPair {
  cert: string;
  key: string;
  /** DNS names that it is for. */
  names: string[];
  /** ms since the epoch. */
  notAfter: number;
}

/**
 * Reads both files and looks whether a client could do with them. Rejects with HubError TLS_FILE_UNREADABLE,
 * TLS_CERTIFICATE_INVALID, TLS_CERTIFICATE_EXPIRED, TLS_KEY_INVALID or TLS_KEY_MISMATCH.
 */
export async function readKeyPair(paths: TlsPaths): Promise<KeyPair> {
  const [cert, key] = await Promise.all([read(paths.cert), read(paths.key)]);
  const certificate = parseCertificate(cert, paths.cert);
  const notAfter = Date.parse(certificate.validTo);
  checkTime(certificate, paths.cert);
  if (!certificate.checkPrivateKey(parseKey(key, paths.key))) {
    throw new HubError('TLS_KEY_MISMATCH', `${paths.key} and ${paths.cert}`);
  }
  return { cert, key, names: dnsNames(certificate), notAfter };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new HubError('TLS_FILE_UNREADABLE', `${path} (${(error as NodeJS.ErrnoException).code})`, error);
  }
}

function parseCertificate(pem: string, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new HubError('TLS_CERTIFICATE_INVALID', path, error);
  }
}

function parseKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new HubError('TLS_KEY_INVALID', path, error);
  }
}

function checkTime({ validFrom, validTo }: X509Certificate, path: string): void {
  const now = Date.now();
  if (now >= Date.parse(validFrom) && now <= Date.parse(validTo)) return;
  throw new HubError('TLS_CERTIFICATE_EXPIRED', `${path} is valid from ${validFrom} to ${validTo}`);
}

function dnsNames({ subjectAltName = '' }: X509Certificate): string[] {
  return Array.from(subjectAltName.matchAll(/DNS:([a-z0-9.-]+)/gi), ([, name]) => name.toLowerCase());
}
