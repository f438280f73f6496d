/** Certificates for tests of TLS: authorities, and what they sign, sound or not. */
import { randomBytes, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

export interface KeyPem {
  cert: string;
  key: string;
}

export interface IssueOptions {
  /** DNS names and IP addresses; default: localhost and 127.0.0.1. */
  names?: string[];
  /** Hours from now; default: one before and one after. */
  from?: number;
  to?: number;
}

/** One that signs certificates for servers. */
export class Authority {
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
  }

  static async create(name = 'Test authority'): Promise<Authority> {
    const keys = await createKeys();
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity({}),
      serialNumber: serialNumber(),
      name: `CN=${name}`,
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new Authority(certificate, keys);
  }

  get pem(): string {
    return this.#certificate.toString('pem');
  }

  async issue(options: IssueOptions = {}): Promise<KeyPem> {
    const keys = await createKeys();
    const { names = ['localhost', '127.0.0.1'] } = options;
    const certificate = await X509CertificateGenerator.create({
      ...validity(options),
      serialNumber: serialNumber(),
      subject: 'CN=hub',
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
        ),
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return { cert: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
  }
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity({ from = -1, to = 1 }: IssueOptions) {
  const now = Date.now();
  return { notBefore: new Date(now + from * HOUR_MS), notAfter: new Date(now + to * HOUR_MS) };
}

/** Positive, as RFC 5280 §4.1.2.2 wants it. */
function serialNumber(): string {
  const octets = randomBytes(16);
  octets[0] = (octets[0] & 0x7f) | 0x40;
  return octets.toString('hex');
}
