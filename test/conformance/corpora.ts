import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of captures and cases by other projects, beside the repository. Not every clone has it. */
export const CORPORA = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url));

export const hasCorpora = existsSync(CORPORA);
