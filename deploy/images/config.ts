import { VERSION } from '../../flow/version.ts';
import type { Component } from '../names.ts';
import { APPLICATION, DATA, NODE, NONROOT } from './content.ts';

/** What a runtime is told of an image (OCI image specification, config.md), and Docker's one addition. */
export interface RunConfig {
  User: string;
  Env: string[];
  Entrypoint: string[];
  WorkingDir: string;
  Labels: Record<string, string>;
  ExposedPorts?: Record<string, object>;
  Volumes?: Record<string, object>;
  StopSignal: string;
  /** Docker's: Kubernetes asks by probes. Times in ns. */
  Healthcheck?: { Test: string[]; Interval: number; Timeout: number; StartPeriod: number; Retries: number };
}

const SECOND = 1e9;
const DESCRIPTIONS: Record<Component, string> = {
  hub: 'Remora: keeps what workers see and answers what is asked of it',
  worker: 'Remora: reads what services say to each other on one node',
};

/** A test holds the Dockerfile to say the same. */
export function runConfig(component: Component): RunConfig {
  return {
    // The worker must be root for NET_RAW to take effect; Kubernetes takes all else from it.
    User: component === 'hub' ? `${NONROOT}:${NONROOT}` : '0:0',
    Env: ['PATH=/usr/local/bin', 'NODE_ENV=production'],
    Entrypoint: [NODE, `${APPLICATION}/dist/${component}/main.js`],
    WorkingDir: APPLICATION,
    Labels: {
      'org.opencontainers.image.title': `remora-${component}`,
      'org.opencontainers.image.description': DESCRIPTIONS[component],
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.source': 'https://github.com/remora-dev/remora',
    },
    StopSignal: 'SIGTERM',
    ...(component === 'hub'
      ? {
          ExposedPorts: { '8898/tcp': {} },
          Volumes: { [DATA]: {} },
          Healthcheck: {
            Test: ['CMD', NODE, `${APPLICATION}/healthcheck.mjs`],
            Interval: 10 * SECOND,
            Timeout: 5 * SECOND,
            StartPeriod: 30 * SECOND,
            Retries: 3,
          },
        }
      : {}),
  };
}
