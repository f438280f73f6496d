import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { UplinkError } from './error.ts';

/** By what the worker knows the hub, and the hub the worker. */
export interface Credentials {
  token: string;
  /** Certificates of those who may have signed the hub's, PEM; undefined: all that the system trusts. */
  ca?: string;
}

export interface CredentialSources {
  /** The token, where it is not in a file. */
  token: string;
  tokenFile: string | undefined;
  caFile: string | undefined;
}

/** What may stand in a header (RFC 6750 §2.1), and nothing but that: no second line, no empty file. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const REMEDY = 'In a cluster it comes from the Secret of Remora: install Remora again.';

/**
 * The credentials as they are now: files are read at each call, because those of a Kubernetes Secret change when it does. Throws
 * UplinkError TOKEN_UNREADABLE or CA_UNREADABLE.
 */
export function readCredentials({ token, tokenFile, caFile }: CredentialSources): Credentials {
  const credentials: Credentials = { token: tokenFile === undefined ? token : readToken(tokenFile) };
  if (caFile !== undefined) credentials.ca = readCa(caFile);
  return credentials;
}

function readToken(file: string): string {
  const token = read(file, 'TOKEN_UNREADABLE', 'token').trim();
  if (TOKEN.test(token)) return token;
  throw new UplinkError('TOKEN_UNREADABLE', `There is no token in ${file}.`, { remedy: REMEDY });
}

function readCa(file: string): string {
  const ca = read(file, 'CA_UNREADABLE', 'certificate authority');
  try {
    new X509Certificate(ca);
  } catch (cause) {
    throw new UplinkError('CA_UNREADABLE', `There is no certificate in ${file}.`, { cause, remedy: REMEDY });
  }
  return ca;
}

function read(file: string, code: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new UplinkError(code, `The ${what} cannot be read from ${file} (${reason}).`, {
      cause,
      remedy: REMEDY,
    });
  }
}
