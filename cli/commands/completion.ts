/** `remora completion`: scripts for shells, and what these ask. */

import { Argument, type Command } from 'commander';
import { INSTALLATION, SHELLS, type Shell } from '../completion/scripts.ts';
import { setHelp } from '../help.ts';

export function addCompletion(program: Command): void {
  const command = program
    .command('completion')
    .description('write a script that teaches your shell to complete commands, pods, namespaces and more')
    .addArgument(new Argument('<SHELL>', 'your shell').choices([...SHELLS]))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/scripts.ts');
      process.stdout.write(completionScript(shell));
    });
  setHelp(command, {
    text: [
      'Names of pods, namespaces, contexts and more are asked of the cluster when you press Tab, for less than a ' +
        'second. For `kubectl remora` put kubectl_complete-remora beside kubectl-remora on the PATH; kubectl asks it.',
    ],
    examples: SHELLS.flatMap((shell) => [
      [`in this ${shell}`, INSTALLATION[shell].now] as const,
      [`in every ${shell} from now on`, INSTALLATION[shell].always] as const,
    ]),
  });

  program
    .command('__complete', { hidden: true })
    .argument('[WORDS...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) => {
      const { runCompletion } = await import('../completion/run.ts');
      await runCompletion(program, words);
    });
}
