#!/usr/bin/env node
/** `kubectl_complete-remora WORDS...`: kubectl runs it to complete `kubectl remora`. */

import { runCompletion } from './completion/run.ts';
import { createProgram } from './program.ts';

await runCompletion(createProgram('kubectl remora'), process.argv.slice(2));
process.stdout.write('', () => process.exit(0));
