import { randomBytes, webcrypto } from 'node:crypto';
// x509 finds its parts by decorators and asks for this first.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { HUB, hubHosts } from './names.ts';
import type { Credentials } from './options.ts';

/** Every re-install makes new ones; who never does so has three years. */
const VALID_DAYS = 3 * 365;
/** Clocks of nodes may be behind ours, ms. */
const CLOCK_SKEW_MS = 3_600_000;
const DAY_MS = 86_400_000;
const TOKEN_BYTES = 32;
const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/**
 * What a hub in `namespace` and its workers know each other by: a certificate authority of their own (ECDSA
 * P-256), one certificate that it signed for the names of the hub, and two tokens of 256 bits. The authority's
 * key is forgotten at once. Every call makes others.
 */
export async function createCredentials(namespace: string): Promise<Credentials> {
  const now = Date.now();
  const validity = {
    notBefore: new Date(now - CLOCK_SKEW_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
  };
  const authority = await createAuthority(validity);
  const server = await createServerCertificate(namespace, authority, validity);
  return {
    caCertificate: authority.certificate.toString('pem'),
    ...server,
    token: randomBytes(TOKEN_BYTES).toString('base64url'),
    workerToken: randomBytes(TOKEN_BYTES).toString('base64url'),
  };
}

interface Validity {
  notBefore: Date;
  notAfter: Date;
}

type Authority = Awaited<ReturnType<typeof createAuthority>>;

async function createAuthority(validity: Validity) {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: 'CN=Remora',
    keys,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

/** RFC 5280 §4.2: with what TLS servers are asked for, and no more. */
async function createServerCertificate(namespace: string, authority: Authority, validity: Validity) {
  const keys = await createKeys();
  const names = [...hubHosts(namespace), 'localhost'];
  const certificate = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(),
    subject: `CN=${HUB}`,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    serverCertificate: certificate.toString('pem'),
    serverKey: PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
}

/** Positive, not zero, at most 20 octets (RFC 5280 §4.1.2.2), in hexadecimal. */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets[0] = (octets[0] & 0x7f) | 0x40;
  return octets.toString('hex');
}
