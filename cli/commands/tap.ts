/** `remora tap`: its flags. What it does is in `cli/tap`, loaded when it is asked for. */

import type { Command } from 'commander';
import { type HelpTexts, setHelp, verboseOption } from '../help.ts';
import { SETTING_KEYS, type SettingKey } from '../settings/table.ts';
import type { TapFlags } from '../tap/plan.ts';
import { addSettings, givenSettings } from './options.ts';

/** What most people are here for stands first in the help. */
const WHICH_PODS: readonly SettingKey[] = ['namespace', 'allNamespaces', 'excludeNamespace', 'selector'];

export function addTap(program: Command): void {
  const command = program
    .command('tap')
    .description('see the traffic of a Kubernetes cluster, of this machine, or of capture files')
    .argument(
      '[PODS...]',
      'regular expression for the names of pods, or deploy/NAME, svc/NAME, pod/NAME (default: all pods)',
    );
  addSettings(command, WHICH_PODS);
  command
    .optionsGroup('Where the traffic comes from (default: a cluster):')
    .option('--local', 'the traffic of this machine, live')
    .option('--pcap <[NODE=]FILE...>', 'capture files: pcap, pcapng, gzip of either, - for standard input')
    .option(
      '--objects <FILE>',
      'with --pcap: names for the addresses: kubectl get pods,svc,endpointslices,nodes -A -o json',
    )
    .option('--demo', 'with --local: also run a small demo shop, so that there is something to see')
    .optionsGroup('Cluster:')
    .option('--dry-run', 'show the pods and the manifests, and change nothing')
    .option('--wait', 'go on also when no pod matches yet; those that come later are tapped')
    .option('--retarget', 'if a Remora runs there already, let it tap these pods instead')
    .optionsGroup('Redaction:')
    .option('--no-redact', 'keep secrets as they are; needs --yes-show-secrets')
    .option('--yes-show-secrets', 'say that you know what --no-redact means')
    .optionsGroup('Output:')
    .addOption(verboseOption());
  addSettings(
    command,
    SETTING_KEYS.filter((key) => !WHICH_PODS.includes(key)),
  );
  setHelp(command, HELP);
  command.action(async (words: string[], flags: TapFlags) => {
    const { tap } = await import('../tap/tap.ts');
    process.exitCode = await tap(words, flags, givenSettings(command, SETTING_KEYS));
  });
}

const HELP: HelpTexts = {
  text: [
    'Settings (every option with a default) can also stand in the environment (REMORA_PORT=8900), in ./remora.yaml and ' +
      'in ~/.config/remora/config.yaml (port: 8900). Options win over the environment, and that over files.',
    'A tap that finds no pod ends before anything is made, unless there is --wait. Where a Remora runs already, a tap ' +
      'joins it and leaves it as it was; what a tap of yours left behind is taken over.',
    'Ctrl-C takes everything out of the cluster again. Exit status: 0 done, 1 failed, 2 wrong usage, 3 rights are ' +
      'missing, 130 interrupted and cleaned up.',
  ],
  examples: [
    ['a page with the live traffic of a namespace', 'remora tap -n sock-shop'],
    ["of these pods, in the context's namespace", "remora tap '(catalog|front-end).*'"],
    ['NDJSON, no browser', 'remora tap deploy/checkout -n shop -o json'],
    ['what would be tapped, and what applied', 'remora tap -A -l app=web --dry-run'],
    ['a page with the traffic of this machine', 'remora tap --local'],
    ['a line for each failed request', "remora tap --local -o text -f 'status_code >= 400'"],
    ['capture files of two nodes', 'remora tap --pcap node1=a.pcap node2=b.pcap -o json | jq .request.url'],
    [
      'the same with the names of a cluster',
      'remora tap --pcap node1=a.pcap node2=b.pcap --objects objects.json',
    ],
  ],
};
