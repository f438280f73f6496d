/** What the Kubernetes API, or the way to it, answered instead of what was asked for. */

import { CliError, type CliErrorOptions, Exit } from '../errors.ts';

export type KubeErrorCode =
  /** No usable kubeconfig, context, certificate file or credential plugin. */
  | 'KUBE_CONFIG'
  /** No answer: name, network, TLS. */
  | 'KUBE_UNREACHABLE'
  | 'KUBE_UNAUTHORIZED'
  | 'KUBE_FORBIDDEN'
  /** Refused by the pod security admission of a namespace. */
  | 'KUBE_POD_SECURITY'
  | 'KUBE_NOT_FOUND'
  | 'KUBE_CONFLICT'
  /** The list's or watch's version is too old. */
  | 'KUBE_GONE'
  /** The object is wrong in the eyes of the server. */
  | 'KUBE_INVALID'
  /** 429 or 5xx, also after several tries. */
  | 'KUBE_FAILED';

export class KubeError extends CliError {
  declare readonly code: KubeErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(code: KubeErrorCode, message: string, options: CliErrorOptions & { status?: number } = {}) {
    super(code, message, options);
    this.status = options.status ?? 0;
  }
}

/** A `Status` object, as far as it is read (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */
interface StatusBody {
  message?: string;
  reason?: string;
}

/** The error of an HTTP answer that is none of 2xx. `what` is what was tried: `list nodes`. */
export function errorOfAnswer(status: number, body: string, what: string): KubeError {
  const answer = readStatus(body);
  const said = answer.message || body.trim().slice(0, 300) || `HTTP status ${status}`;
  const text = `cannot ${what}: ${said}`;
  switch (status) {
    case 401:
      return new KubeError('KUBE_UNAUTHORIZED', `the cluster does not know you (cannot ${what})`, {
        status,
        exit: Exit.refused,
        remedy: 'Log in again, or choose another context with --context; `kubectl auth whoami` should work.',
      });
    case 403:
      return /violates PodSecurity/.test(said)
        ? new KubeError('KUBE_POD_SECURITY', text, {
            status,
            exit: Exit.refused,
            remedy: 'The namespace needs the label pod-security.kubernetes.io/enforce=privileged.',
          })
        : new KubeError('KUBE_FORBIDDEN', text, {
            status,
            exit: Exit.refused,
            remedy: `Ask an administrator for the right to ${what}.`,
          });
    case 404:
      return new KubeError('KUBE_NOT_FOUND', text, { status });
    case 409:
      return new KubeError('KUBE_CONFLICT', text, { status });
    case 410:
      return new KubeError('KUBE_GONE', text, { status });
    case 400:
    case 405:
    case 415:
    case 422:
      return new KubeError('KUBE_INVALID', text, { status });
    default:
      return new KubeError('KUBE_FAILED', text, { status });
  }
}

function readStatus(body: string): StatusBody {
  if (!body.startsWith('{')) return {};
  try {
    return JSON.parse(body) as StatusBody;
  } catch {
    return {};
  }
}

/** The error of a request that got no answer at all. */
export function errorOfNetwork(server: string, cause: Error): KubeError {
  if (cause instanceof KubeError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const { host } = new URL(server);
  const reason = REASONS[code ?? ''] ?? cause.message;
  return new KubeError('KUBE_UNREACHABLE', `no answer from the API server at ${host}: ${reason}`, {
    remedy: isCertificate(code)
      ? 'Mend certificate-authority in the kubeconfig, or the clock of this machine.'
      : 'Is the cluster up, the VPN on, the context right (--context)? `kubectl version` should answer.',
    cause,
  });
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no network',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority the kubeconfig does not name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority the kubeconfig does not name',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function isCertificate(code: string | undefined): boolean {
  return code !== undefined && /CERT|SIGNATURE|^ERR_TLS/.test(code);
}
