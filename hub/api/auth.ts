import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { parseCookies } from '../../flow/query.ts';
import { HubError } from '../errors.ts';
import { parseHost } from './site.ts';
import { Throttle } from './throttle.ts';

/** Shorter tokens could be guessed; the throttle is not what keeps guessers out. */
export const MIN_TOKEN_LENGTH = 16;
/** Wrong tokens that are answered with 401 at once, and then a second; the others get 429. */
const FAILURES_BURST = 20;
const FAILURES_PER_SECOND = 0.5;

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * Who may come in. There are two tokens: people and scripts have one, workers another, and neither opens
 * the other's door. A browser exchanges its token for a cookie once; the cookie is derived from the token
 * but is not the token, because other servers on localhost are sent our cookie too (cookies know no ports).
 */
export class Auth {
  readonly #token: Buffer;
  readonly #workerToken: Buffer;
  readonly #cookieValue: string;
  readonly #cookie: Buffer;
  readonly #failures = new Throttle(FAILURES_BURST, FAILURES_PER_SECOND);
  #failed = 0;

  /** Throws HubError USAGE where a token is too short or both are the same. */
  constructor(token: string, workerToken: string) {
    for (const secret of [token, workerToken]) {
      if (secret.length < MIN_TOKEN_LENGTH || !BEARER.test(`Bearer ${secret}`)) {
        throw new HubError('USAGE', `tokens must be ${MIN_TOKEN_LENGTH} or more of A-Z a-z 0-9 - . _ ~ + /`);
      }
    }
    if (token === workerToken) throw new HubError('USAGE', 'the two tokens must differ');
    this.#token = digest(token);
    this.#workerToken = digest(workerToken);
    this.#cookieValue = createHmac('sha256', token).update('remora browser session').digest('base64url');
    this.#cookie = digest(this.#cookieValue);
  }

  readonly limits = { authFailuresBurst: FAILURES_BURST, authFailuresPerSecond: FAILURES_PER_SECOND };

  get counters(): Record<string, number> {
    return { authFailures: this.#failed };
  }

  /** For people and scripts: the bearer header, or our cookie. Throws HubError. */
  checkBrowser(headers: IncomingHttpHeaders): void {
    const bearer = bearerToken(headers);
    if (bearer !== undefined) this.#checkToken(bearer, this.#token);
    else this.#checkCookie(headers);
  }

  /** For workers: the bearer header only. Throws HubError. */
  checkWorker(headers: IncomingHttpHeaders): void {
    const bearer = bearerToken(headers);
    if (bearer === undefined) throw new HubError('AUTH_REQUIRED');
    this.#checkToken(bearer, this.#workerToken);
  }

  /** The Set-Cookie value for the token in an address. Throws HubError if it is not the token. */
  login(token: string, headers: IncomingHttpHeaders, secure: boolean): string {
    this.#checkToken(token, this.#token);
    const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    return `${cookieName(headers)}=${this.#cookieValue}; ${attributes}`;
  }

  #checkCookie(headers: IncomingHttpHeaders): void {
    const value = parseCookies([['cookie', headers.cookie ?? '']])[cookieName(headers)];
    // A cookie of an earlier run is no attack: an old tab that asks again must not use up the failures.
    if (value === undefined || !timingSafeEqual(digest(value), this.#cookie))
      throw new HubError('AUTH_REQUIRED');
  }

  #checkToken(given: string, expected: Buffer): void {
    if (timingSafeEqual(digest(given), expected)) return;
    this.#failed++;
    throw new HubError(this.#failures.take() ? 'AUTH_REQUIRED' : 'AUTH_RATE_LIMITED');
  }
}

/** What a request that was let in has shown: the token itself, or the cookie of a browser. */
export function credentialOf(headers: IncomingHttpHeaders): 'token' | 'cookie' {
  return bearerToken(headers) === undefined ? 'cookie' : 'token';
}

/** Equal lengths for timingSafeEqual, whatever was sent. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

/** Named after the port the browser uses, so that two hubs on one machine keep a cookie each. */
function cookieName(headers: IncomingHttpHeaders): string {
  return `remora_${parseHost(headers.host)?.port || 'default'}`;
}
