/** The codes are stable: scripts may test them. */
export type ClusterErrorCode =
  /** There is no file of that name, or it may not be read. */
  | 'OBJECTS_NOT_FOUND'
  /** The file has no Kubernetes objects that Remora reads. */
  | 'OBJECTS_INVALID';

const REMEDY = 'Make the file with: kubectl get pods,svc,endpointslices,nodes -A -o json > objects.json';

/** What the hub was told of a cluster cannot be used. */
export class ClusterError extends Error {
  override name = 'ClusterError';
  readonly code: ClusterErrorCode;
  readonly remedy = REMEDY;

  constructor(code: ClusterErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
