import type { Command } from 'commander';
import { version } from '../version.ts';

export function addVersion(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .action(() => {
      console.log(`remora ${version()} (node ${process.versions.node}, ${process.platform} ${process.arch})`);
    });
}
