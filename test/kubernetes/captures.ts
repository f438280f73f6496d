/** The capture sets of a real cluster beside the repository, and what client and server say was in them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPORA } from '../conformance/corpora.ts';

export interface CaptureSet {
  name: string;
  truth: Truth;
  /** For each link type the file of each node: `node1=PATH`. */
  files: { linkType: string; arguments: string[] }[];
}

export interface Truth {
  scenario: string;
  transactions: Transaction[];
  malformed?: unknown[];
  nodes: { name: string; ip: string; podCIDR: string }[];
  pods: TruePod[];
  services: TrueService[];
}

export interface Transaction {
  id: string;
  method: string;
  path: string;
  /** null: no answer. */
  status: number | null;
  outcome: string;
  onWire: boolean;
  requestCaptured?: boolean;
  responseCaptured?: boolean;
  startMs: number;
  durationMs: number;
  client: TrueEnd & { kind: 'pod' | 'kubelet' | 'external' };
  dialed?: { service?: string; ip: string; port: number; how: string };
  server?: TrueEnd & { sawClientPort: number };
  serverView?: { durationMs: number };
}

export interface TrueEnd {
  ip: string;
  port: number;
  pod?: string;
  namespace?: string;
  node?: string;
  workload?: { kind: string; name: string };
}

export interface TruePod {
  name: string;
  namespace: string;
  uid: string;
  ip: string;
  node: string;
  hostNetwork?: boolean;
  labels: Record<string, string>;
  workload: { kind: string; name: string };
  containerPorts: { name: string; port: number; protocol: string }[];
}

export interface TrueService {
  name: string;
  namespace: string;
  type: string;
  clusterIP: string;
  selector?: Record<string, string>;
  ports?: { port: number; nodePort?: number; targetPort: number | string; protocol: string; name: string }[];
  endpoints: string[];
}

const FOLDER = join(CORPORA, 'kubernetes/captures');
const API = join(CORPORA, 'kubernetes/api');
const SUFFIX = '.expected.json';

export const hasClusterCaptures = existsSync(FOLDER);

/** A recorded answer of the cluster's API server. */
export function readApiAnswer(name: string): string {
  return readFileSync(join(API, name), 'utf8');
}

export function readCaptureSets(): CaptureSet[] {
  const files = readdirSync(FOLDER);
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length);
      const truth = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Truth;
      const linkTypes = ['sll', 'sll2'].filter((type) => files.includes(`${name}.node1.${type}.pcap`));
      return {
        name,
        truth,
        files: linkTypes.map((linkType) => ({
          linkType,
          arguments: truth.nodes.map(
            (node) => `${node.name}=${join(FOLDER, `${name}.${node.name}.${linkType}.pcap`)}`,
          ),
        })),
      };
    });
}
