import type { Command } from 'commander';
import { VERSION } from '../../flow/version.ts';

export function addVersion(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .action(() => {
      console.log(`remora ${VERSION} (node ${process.versions.node}, ${process.platform} ${process.arch})`);
    });
}
