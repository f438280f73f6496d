/** `remora export --raw`: whether it is meant. */

import { createInterface } from 'node:readline';
import { CliError, usageError } from '../errors.ts';

const MEANING =
  'The file will have passwords, tokens, cookies and whatever else was sent, as it was. Whoever gets it has them too.\n' +
  'That you exported it is written to the audit log of the hub.\n' +
  'Type yes to go on: ';

type Terminal<Stream> = Stream & { readonly isTTY?: boolean };

/** Resolves when a person has typed yes. Rejects with CliError: a usage error where there is nobody to ask. */
export async function confirmRaw(
  input: Terminal<NodeJS.ReadableStream>,
  output: Terminal<NodeJS.WritableStream>,
): Promise<void> {
  if (input.isTTY !== true || output.isTTY !== true) {
    throw usageError('--raw writes secrets into the file, and there is no terminal to ask at', 'Add --yes.');
  }
  output.write(MEANING);
  if ((await lineOf(input)).trim().toLowerCase() === 'yes') return;
  throw new CliError('NOT_CONFIRMED', 'nothing was exported', {
    remedy: 'Without --raw, secrets are overwritten.',
  });
}

/** The first line; none where the input ends. */
function lineOf(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input, terminal: false });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(''));
  });
}
