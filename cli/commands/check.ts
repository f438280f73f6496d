/** `remora check`. */

import type { Command } from 'commander';
import type { CheckFlags } from '../check/check.ts';
import { outputOption, setHelp, verboseOption } from '../help.ts';
import { addSettings, CLUSTER_SETTINGS, givenSettings } from './options.ts';

const LOCAL_SETTINGS = ['port', 'dataDir', 'storageLimit', 'interface', 'bpf'] as const;
const SETTINGS = [...CLUSTER_SETTINGS, ...LOCAL_SETTINGS] as const;

export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .description('see whether all is there that a tap needs, and whether what runs is well')
    .option('--local', 'this machine instead of a cluster')
    .addOption(outputOption())
    .addOption(verboseOption());
  addSettings(command, SETTINGS);
  setHelp(command, {
    text: [
      'On a cluster: the API server and its version, your rights, the pod security of the namespace, the nodes; and if ' +
        'Remora is there, its pods, the hub and its storage, what each worker says, and what was lost. With -n also ' +
        'whether your rights are enough for these namespaces alone. Nothing is changed in the cluster.',
      '--local: libpcap, the right to capture, the port, the disk.',
      'A line a check: ✓ well, ! well but to be known, ✗ not, with what to do, – not looked at.',
      'Exit status: 0 nothing failed, 1 something failed, 3 only rights are missing.',
    ],
    examples: [
      ['before a first tap', 'remora check'],
      ['who has rights in one namespace alone', 'remora check -n shop'],
      ['this machine', 'remora check --local'],
      [
        'what failed, for a script',
        'remora check -o json | jq \'.findings[] | select(.verdict == "failed")\'',
      ],
    ],
  });
  command.action(async (flags: CheckFlags) => {
    const { check } = await import('../check/check.ts');
    process.exitCode = await check(flags, givenSettings(command, SETTINGS));
  });
}
