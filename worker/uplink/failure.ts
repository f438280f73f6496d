import { UplinkError, UplinkRefused } from './error.ts';

/** Node's and OpenSSL's codes of a certificate that nobody we trust has signed. */
const UNTRUSTED = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
];
/** What a server that does not speak TLS looks like from here. */
const NOT_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'];

const INSTALL_AGAIN = 'Install Remora again, which gives hub and workers certificates that fit each other.';

export const HUNG_UP = new UplinkError('HUB_HUNG_UP', 'The hub hung up.');
export const NONSENSE = new UplinkError('HUB_NONSENSE', 'What answers is no hub.', {
  remedy: 'Look at the address in --hub.',
});
export const SILENT = new UplinkError('HUB_SILENT', 'The hub does not answer.', {
  remedy: 'If this lasts: is the hub overloaded, or was it cut off from the network?',
});

/** What an HTTP status in place of a WebSocket means. */
export function explainStatus(status: number): UplinkError {
  const answer = `The hub answered with HTTP status ${status}`;
  if (status !== 401 && status !== 403) {
    return new UplinkError('HUB_ANSWER', `${answer}.`, { remedy: 'Look at the address in --hub.' });
  }
  return new UplinkRefused('UNAUTHORIZED', `${answer}: the worker's token is not the hub's.`, {
    remedy: 'Start both with the same one: in a cluster, install Remora again.',
  });
}

/** What became of an attempt to connect to `url`, with what can be done about it. */
export function explainFailure(url: string, cause: NodeJS.ErrnoException): UplinkError {
  const { code = '', message } = cause;
  const { host } = new URL(url);
  const fail = (ours: string, text: string, remedy: string) => new UplinkError(ours, text, { cause, remedy });
  if (UNTRUSTED.includes(code)) {
    return fail(
      'HUB_UNTRUSTED',
      `${host} is no hub this worker trusts: another authority signed its certificate (${code}).`,
      INSTALL_AGAIN,
    );
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const when = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    return fail(
      'HUB_CERTIFICATE_EXPIRED',
      `The certificate of ${host} ${when}.`,
      `${INSTALL_AGAIN} If it is new, look at the clocks of the nodes.`,
    );
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return fail('HUB_NAME_MISMATCH', `The certificate of ${host} is for other names.`, INSTALL_AGAIN);
  }
  if (NOT_TLS.includes(code)) {
    return fail(
      'HUB_NOT_TLS',
      `${host} does not speak TLS as it should (${message}).`,
      'Give --hub ws:// for a hub without TLS, or the port of the hub.',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return fail(
      'HUB_NOT_FOUND',
      `The name of ${host} is not known (${code}).`,
      "Is the Service there, and does the cluster's DNS answer on this node?",
    );
  }
  return fail(
    'HUB_UNREACHABLE',
    `${host} cannot be reached (${message}).`,
    'It is tried again. If this lasts: does the hub run, and does a NetworkPolicy or firewall stand between?',
  );
}
