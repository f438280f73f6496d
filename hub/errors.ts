import type { ApiError } from '../flow/api.ts';

interface ErrorEntry {
  /** HTTP status of the answer; where it is no answer to a request, 500. */
  status: number;
  message: string;
  remedy?: string;
}

/**
 * Every error the hub gives of its own accord. The codes are stable: scripts may test them.
 * (The filter's FILTER_* codes are in flow/filter.ts, the store's STORE_* codes in hub/store.)
 */
export const HUB_ERRORS = {
  /** No token, or a wrong one. */
  AUTH_REQUIRED: {
    status: 401,
    message: 'no valid credentials',
    remedy:
      'Open the address that was printed when Remora started (or by `remora view`), or send the header Authorization: Bearer TOKEN.',
  },
  /** Too many wrong tokens in a short time, from anywhere. The right token is still accepted. */
  AUTH_RATE_LIMITED: {
    status: 429,
    message: 'too many wrong tokens',
    remedy: 'Wait a minute, then use the address that was printed when Remora started.',
  },
  /** The Host header names another site: a page elsewhere may have bound its name to this address. */
  HOST_NOT_ALLOWED: {
    status: 421,
    message: 'this Host is not served here',
    remedy: 'Use localhost or 127.0.0.1, or start the hub with --allowed-host NAME.',
  },
  /** The request was made by a page of another origin. */
  ORIGIN_NOT_ALLOWED: {
    status: 403,
    message: 'requests from pages of another origin are refused',
    remedy: "Type Remora's address into the address bar instead of following a link.",
  },
  /** No such route. */
  ROUTE_NOT_FOUND: {
    status: 404,
    message: 'no such route',
    remedy: 'See /api/v1/openapi.json for all routes.',
  },
  /** The id is of no stored flow: never seen, or deleted by retention. */
  FLOW_NOT_FOUND: {
    status: 404,
    message: 'no flow has this id',
    remedy: 'It may have been deleted to stay under --storage-limit or --max-age.',
  },
  /** The id is of no stored connection. */
  CONNECTION_NOT_FOUND: {
    status: 404,
    message: 'no connection has this id',
    remedy: 'Connections are stored when they end: it may still be open, or deleted by retention.',
  },
  /** A path or query parameter is unknown, missing, or of the wrong type; or the request is not valid HTTP. */
  REQUEST_INVALID: {
    status: 400,
    message: 'the request is not valid',
    remedy: 'See /api/v1/openapi.json for the parameters of each route.',
  },
  /** `from` or `to` is not a time. */
  TIME_INVALID: {
    status: 400,
    message: 'not a time',
    remedy: 'Give RFC 3339 (2026-01-31T12:00:00Z), a time back from now (-15m), or ms since the epoch.',
  },
  /** `from` is not before `to`. */
  RANGE_EMPTY: {
    status: 400,
    message: 'the time range is empty',
    remedy: 'Give a `from` that is before `to`.',
  },
  /** More exports at once than the hub allows. */
  EXPORT_BUSY: { status: 429, message: 'too many exports are running', remedy: 'Wait until one has ended.' },
  /** It was told to end, or whoever waited for it has gone. */
  EXPORT_CANCELLED: { status: 409, message: 'the export was cancelled', remedy: 'Export again.' },
  /** None of that name runs. */
  EXPORT_NOT_FOUND: {
    status: 404,
    message: 'no export of this name is running',
    remedy: 'It may have ended. Only exports that were asked for with `progress` have a name.',
  },
  /** There are no flows, so there are no packets. */
  EXPORT_EMPTY: {
    status: 404,
    message: 'no stored flow matches',
    remedy: 'Give another filter or a longer time range.',
  },
  /** There are flows, but all of their packets are gone. */
  PACKETS_OVERWRITTEN: {
    status: 410,
    message: 'there are no packets of these flows any more',
    remedy: 'Export sooner, or give workers more room for packets with --record-limit.',
  },
  /** The worker that had them is not connected, and none that has come after it has them. */
  WORKER_AWAY: {
    status: 404,
    message: 'the worker that saw these flows is not connected',
    remedy:
      'Packets are with workers. What is on a disk (--record-on disk) is there again when the worker is; what was in memory, or in a pod that was deleted, is gone; those of a capture file are in the file.',
  },
  RECORDING_OFF: {
    status: 404,
    message: 'no packets are recorded',
    remedy: 'Start with a --record-limit that is not 0.',
  },
  /** Packets with the secrets in them are asked of a hub that may not give them. */
  RAW_EXPORT_OFF: {
    status: 403,
    message: 'packets are not given out here with the secrets in them',
    remedy: 'Leave `raw` (--raw) out, or start Remora with --allow-raw-export.',
  },
  /** The header is missing that says that this is meant. */
  RAW_EXPORT_UNCONFIRMED: {
    status: 403,
    message: 'an export with the secrets in it is not confirmed',
    remedy: 'Send the header Remora-Confirm: raw, or use `remora export --raw`.',
  },
  /** The hub may, but none of the workers that have the packets. */
  RAW_EXPORT_REFUSED: {
    status: 403,
    message: 'no worker that has these packets gives secrets away',
    remedy: 'Leave `raw` (--raw) out, or start the workers with --allow-raw-export too.',
  },
  /** What nobody could find out later is not done. */
  AUDIT_UNWRITABLE: {
    status: 503,
    message: 'what must be written down cannot be written to audit.log in the data directory',
    remedy: 'Make room on its disk, or give the hub the right to write there.',
  },
  /** There are no pods: local traffic or files. */
  NO_CLUSTER: {
    status: 404,
    message: 'this hub taps no cluster',
    remedy: 'Targets are pods: tap a cluster with `remora tap`.',
  },
  /** The page has not been built. */
  PAGE_NOT_BUILT: {
    status: 503,
    message: 'the page is not built',
    remedy: 'Run `npm run build:ui` in the repository. The API works without it.',
  },
  /** A message on the live WebSocket that is not one of LiveRequest. */
  LIVE_MESSAGE_INVALID: {
    status: 400,
    message: 'not a message of the live protocol',
    remedy:
      'Send {"type":"subscribe","stream":"flows"}, {"type":"subscribe","stream":"map","window":60} or {"type":"next"}.',
  },
  /** More live subscribers than the hub allows. */
  LIVE_BUSY: { status: 429, message: 'too many live subscribers', remedy: 'Close some pages or terminals.' },
  /** The hub is stopping. */
  HUB_CLOSING: { status: 503, message: 'the hub is stopping', remedy: 'Connect again when it has started.' },
  /** A fault of the hub itself; its log has the details. */
  INTERNAL: {
    status: 500,
    message: 'the hub failed at this request',
    remedy: 'Its log says more: please report it.',
  },
  /** The address to listen on is taken. */
  PORT_IN_USE: {
    status: 500,
    message: 'another program listens on this address',
    remedy: 'Stop it, or choose another port with --listen HOST:PORT (port 0 takes a free one).',
  },
  /** The address to listen on cannot be bound. */
  LISTEN_FAILED: {
    status: 500,
    message: 'cannot listen on this address',
    remedy: 'Give an address of this machine with --listen HOST:PORT; ports below 1024 need root.',
  },
  /** --tls-cert or --tls-key names a file that is not there or that the hub may not read. */
  TLS_FILE_UNREADABLE: {
    status: 500,
    message: 'a file for TLS cannot be read',
    remedy: 'Give --tls-cert and --tls-key files that the user of the hub may read.',
  },
  TLS_CERTIFICATE_INVALID: {
    status: 500,
    message: 'there is no certificate in this file',
    remedy: 'Give --tls-cert a PEM file that begins with the certificate of the hub.',
  },
  /** Or it is not valid yet. */
  TLS_CERTIFICATE_EXPIRED: {
    status: 500,
    message: 'nobody would accept this certificate now',
    remedy: 'Install Remora again, or give --tls-cert a new one. If it is new, look at the clock.',
  },
  TLS_KEY_INVALID: {
    status: 500,
    message: 'there is no usable private key in this file',
    remedy: 'Give --tls-key a PEM file with a key that is not encrypted.',
  },
  TLS_KEY_MISMATCH: {
    status: 500,
    message: 'the key is not the one of the certificate',
    remedy: 'Give --tls-cert and --tls-key files that were made together.',
  },
  /** A wrong command line or environment. */
  USAGE: { status: 500, message: 'wrong usage', remedy: 'Run hub/main with --help for its options.' },
} as const satisfies Record<string, ErrorEntry>;

export type HubErrorCode = keyof typeof HUB_ERRORS;

/** An error of the catalogue. `detail` narrows the catalogue's message to the case. */
export class HubError extends Error {
  override name = 'HubError';
  readonly code: HubErrorCode;
  readonly status: number;
  readonly remedy: string;

  constructor(code: HubErrorCode, detail?: string, cause?: unknown) {
    const entry = HUB_ERRORS[code];
    super(detail === undefined ? entry.message : `${entry.message}: ${detail}`, { cause });
    this.code = code;
    this.status = entry.status;
    this.remedy = entry.remedy;
  }

  toApiError(): ApiError {
    return { code: this.code, message: this.message, remedy: this.remedy };
  }
}
