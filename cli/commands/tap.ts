/** `remora tap`: its flags. What it does is in `cli/tap`, loaded when it is asked for. */

import type { Command } from 'commander';
import { SETTING_KEYS } from '../settings/table.ts';
import type { TapFlags } from '../tap/plan.ts';
import { addSettings, givenSettings } from './options.ts';

export function addTap(program: Command): void {
  const command = program
    .command('tap')
    .description('see the traffic of a Kubernetes cluster, of this machine, or of capture files')
    .argument(
      '[PODS...]',
      'regular expression for the names of pods, or deploy/NAME, svc/NAME, pod/NAME (default: all pods)',
    )
    .option('--local', 'the traffic of this machine, live')
    .option('--pcap <[NODE=]FILE...>', 'capture files: pcap, pcapng, gzip of either, - for standard input')
    .option(
      '--objects <FILE>',
      'with --pcap: names for the addresses: kubectl get pods,svc,endpointslices,nodes -A -o json',
    )
    .option('--demo', 'with --local: also run a small demo shop, so that there is something to see')
    .option('--dry-run', 'on a cluster: show the pods and the manifests, and change nothing')
    .option('--wait', 'on a cluster: go on also when no pod matches yet; those that come later are tapped')
    .option('--retarget', 'on a cluster: if a Remora runs there already, let it tap these pods instead')
    .option('--no-redact', 'keep secrets as they are; needs --yes-show-secrets')
    .option('--yes-show-secrets', 'say that you know what --no-redact means')
    .option('-v, --verbose', 'tell more, on stderr');
  addSettings(command, SETTING_KEYS);
  command.addHelpText('after', HELP);
  command.action(async (words: string[], flags: TapFlags) => {
    const { tap } = await import('../tap/tap.ts');
    process.exitCode = await tap(words, flags, givenSettings(command, SETTING_KEYS));
  });
}

const HELP = `
Settings can also stand in the environment (REMORA_PORT=8900), in ./remora.yaml and in
~/.config/remora/config.yaml (port: 8900). Flags win over the environment, and that over files.

Examples:
  $ remora tap -n sock-shop                         # a page with the live traffic of a namespace
  $ remora tap '(catalog|front-end).*'              # of these pods, in the context's namespace
  $ remora tap deploy/checkout -n shop -o json      # NDJSON, no browser
  $ remora tap -A -l app=web --dry-run              # what would be tapped, and what applied
  $ remora tap --local                              # a page with the traffic of this machine
  $ remora tap --local -o text -f 'status_code >= 400'  # a line for each failed request
  $ remora tap --pcap node1=a.pcap node2=b.pcap -o json | jq .request.url
  $ remora tap --pcap node1=a.pcap node2=b.pcap --objects objects.json  # with the names of a cluster`;
