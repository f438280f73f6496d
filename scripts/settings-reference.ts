/** Writes docs/settings.md from the settings table: `npm run docs`. A test keeps the page equal to the table. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Exit } from '../cli/errors.ts';
import { SCOPES } from '../cli/settings/scope.ts';
import { environmentName, SETTING_KEYS, SETTINGS } from '../cli/settings/table.ts';
import { toggle } from '../cli/settings/values.ts';

const HEAD = `# Settings

Made from \`cli/settings/table.ts\` by \`npm run docs\`; do not edit by hand.

Every setting has one name. It is a flag (\`--max-body 128Ki\`), a variable
(\`REMORA_MAX_BODY=128Ki\`) and a line in a settings file (\`max-body: 128Ki\`). The first place that has it wins:

1. the command line
2. the environment
3. \`remora.yaml\` in the working directory
4. \`~/.config/remora/config.yaml\` (or \`$XDG_CONFIG_HOME/remora/config.yaml\`)
5. the default

A list in a stronger place replaces the list of a weaker one. An unknown name or a wrong value in any of these
places is an error, also where a stronger place has the setting too. \`remora.yaml\` of a directory you did not
write yourself deserves a look before you run \`remora\` there.
`;

const TAIL = `
On the command line only: \`--local\`, \`--pcap\`, \`--objects\`, \`--demo\`, \`--dry-run\`, \`--wait\`, \`--retarget\`,
\`--no-redact\`, \`--yes-show-secrets\`, \`--verbose\`.

The variables \`NO_COLOR\` (no colours) and \`CI\` (no browser) are honoured.

## Exit status

| status | meaning |
| --- | --- |
| ${Exit.done} | done; also when whoever read the output has gone (\`\\| head\`) |
| ${Exit.failed} | failed: one line on stderr says what, and how to mend it |
| ${Exit.usage} | wrong usage: an option, a variable, a settings file or a filter |
| ${Exit.refused} | refused by the cluster: rights are missing; the message says which |
| ${Exit.interrupted} | interrupted, after everything has ended |
`;

export function settingsReference(): string {
  const rows = SETTING_KEYS.map((key) => {
    const setting = SETTINGS[key];
    const { name, short, type, defaultText } = setting;
    const value = type === toggle ? '' : ` ${type.placeholder}`;
    const flag = type === toggle && setting.default === true ? `--no-${name}` : `--${name}${value}`;
    const flags = `${short === undefined ? '' : `\`-${short}\`, `}${code(flag)}`;
    const standard = defaultText ?? code((type.show as (value: unknown) => string)(setting.default));
    const scope = setting.only === undefined ? '' : ` Only ${SCOPES[setting.only].text}.`;
    const meaning = `${cell(sentence(setting.description))}${scope}`;
    return `| ${flags} | \`${environmentName(setting)}\` | ${cell(type.form)} | ${cell(standard)} | ${meaning} |`;
  });
  const table = [
    '| flag | variable | value | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  return `${HEAD}\n${table.join('\n')}\n${TAIL}`;
}

function code(text: string): string {
  return text === '' ? 'none' : `\`${cell(text)}\``;
}

/** Bars would end a table's cell. */
function cell(text: string): string {
  return text.replace(/(?<!\\)\|/g, '\\|');
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsReference());
}
