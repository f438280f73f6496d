/** The codes are stable: scripts may test them. */
export type ClusterErrorCode = keyof typeof REMEDIES;

const REMEDIES = {
  /** There is no file of objects of that name, or it may not be read. */
  OBJECTS_NOT_FOUND:
    'Make the file with: kubectl get pods,svc,endpointslices,nodes -A -o json > objects.json',
  /** The file has no Kubernetes objects that Remora reads. */
  OBJECTS_INVALID: 'Make the file with: kubectl get pods,svc,endpointslices,nodes -A -o json > objects.json',
  /** Nothing says where the API server is. */
  NOT_IN_CLUSTER: 'Run the hub in a pod that has a service account token, or give --kubeconfig FILE.',
  /** The kubeconfig cannot be read, or its current context leads nowhere. */
  KUBECONFIG_INVALID: 'See that `kubectl --kubeconfig FILE get pods` works.',
  /** What --targets gives is no spec of pods. */
  TARGETS_INVALID: 'Correct it, or leave --targets out to tap every pod.',
  /** No token or client certificate could be had. */
  CREDENTIALS_FAILED:
    'See that the service account token is mounted, or that the credential plugin of the kubeconfig works.',
  /** No connection, or it was cut, or its TLS is not valid. */
  API_UNREACHABLE:
    'See that the API server runs, that no network policy or firewall is between, and that its certificate is of the ' +
    'authority that the hub was given. It is tried again.',
  /** Nothing was heard for too long: the connection may be open at one end only. */
  API_SILENT: 'See that nothing between the hub and the API server drops connections. It is tried again.',
  /** 401 */
  API_UNAUTHORIZED:
    'The token or certificate is not accepted, or no longer: a new one is fetched and tried. If this lasts, install again.',
  /** 403 */
  API_FORBIDDEN: 'Grant the right, or install again with `remora install`.',
  /** 404 */
  API_MISSING: 'Remora needs Kubernetes 1.21 or later.',
  /** 410: the version or the continue token is no longer known. The objects are listed again. */
  API_EXPIRED: 'Nothing is to be done.',
  /** 429 and 503: the server wants to be asked later. */
  API_BUSY: 'The API server is busy: it is asked again later.',
  /** Another refusal or failure of the API server. */
  API_FAILED: "It is tried again; if it lasts, see the API server's log.",
  /** What came is no Kubernetes answer. */
  API_ANSWER_INVALID: 'See that the address is of an API server and not of a proxy or a login page.',
  /** A fault of Remora's own. */
  WATCH_FAULT: "It is tried again. The hub's log says more: please report it.",
} as const;

/** What the hub was told of a cluster cannot be used, or the cluster does not tell. */
export class ClusterError extends Error {
  override name = 'ClusterError';
  readonly code: ClusterErrorCode;
  readonly remedy: string;
  /** The server asks not to be asked again before that, ms. */
  readonly retryAfter: number;

  constructor(
    code: ClusterErrorCode,
    message: string,
    cause?: unknown,
    { remedy, retryAfter = 0 }: { remedy?: string; retryAfter?: number } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.remedy = remedy ?? REMEDIES[code];
    this.retryAfter = retryAfter;
  }
}
