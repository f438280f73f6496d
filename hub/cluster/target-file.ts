import { readFile } from 'node:fs/promises';
import { compileTargets, readTargetSpec, type TargetSpec } from '../../flow/targets.ts';
import { ClusterError } from './error.ts';

/** A spec in JSON, or the file that has it. Rejects with ClusterError TARGETS_INVALID. */
export async function readTargets(fileOrJson: string): Promise<TargetSpec> {
  const inline = fileOrJson.trimStart().startsWith('{');
  try {
    const spec = readTargetSpec(JSON.parse(inline ? fileOrJson : await readFile(fileOrJson, 'utf8')));
    compileTargets(spec);
    return spec;
  } catch (error) {
    const { message } = error as Error;
    const where = inline ? '--targets' : `--targets ${fileOrJson}`;
    const what = error instanceof SyntaxError ? `it is not JSON (${message})` : message;
    throw new ClusterError('TARGETS_INVALID', `${where}: ${what}`, error);
  }
}

const SERVICE_ACCOUNT_NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** The namespace that this hub runs in, or would run in: there Remora's own pods are. */
export async function ownNamespace(): Promise<string> {
  return readFile(SERVICE_ACCOUNT_NAMESPACE, 'utf8').then(
    (text) => text.trim(),
    () => 'remora',
  );
}
