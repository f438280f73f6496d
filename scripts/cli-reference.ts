/** Writes docs/cli.md from the program itself: `npm run docs`. A test keeps the page equal to the program. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { createProgram } from '../cli/program.ts';

const HEAD = `# Command line

Made from the program by \`npm run docs\`; do not edit by hand. \`remora help COMMAND\` shows the same.

Every setting can also stand in the environment and in files: see [settings](settings.md). The names that filters use
are in [fields](fields.md). As a plugin of kubectl (\`kubectl-remora\` on the PATH) everything is called
\`kubectl remora\`; \`kubectl_complete-remora\` beside it completes its arguments.
`;

export function cliReference(): string {
  const commands = visible(createProgram(), '');
  const contents = commands.map(
    ({ name, command }) => `- [${name}](#${anchor(name)}): ${command.description()}`,
  );
  const sections = commands.map(
    ({ name, command }) => `## ${name}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`,
  );
  return `${HEAD}\n${contents.join('\n')}\n\n${sections.join('\n')}`;
}

interface Named {
  /** As one types it: `remora config set`. */
  name: string;
  command: Command;
}

function visible(command: Command, parent: string): Named[] {
  const name = `${parent}${command.name()}`;
  const below = command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => visible(each, `${name} `));
  return [{ name, command }, ...below];
}

/** All of it, also what stands below the options. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function anchor(name: string): string {
  return name.replaceAll(' ', '-');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/cli.md', import.meta.url), cliReference());
}
