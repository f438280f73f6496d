/** What can be wrong with what is to be deployed, or with the making of images. */
export type DeployErrorCode =
  /** A value of DeployOptions that no cluster takes. */
  | 'DEPLOY_OPTION_INVALID'
  /** What goes into the image is not there, or does not fit this machine. */
  | 'IMAGE_PARTS_MISSING';

export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly code: DeployErrorCode;
  /** What can be done about it: a sentence. */
  readonly remedy: string;

  constructor(code: DeployErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.remedy = remedy;
  }
}
