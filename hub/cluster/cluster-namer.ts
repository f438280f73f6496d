import { KUBELET_AGENT } from '../../flow/fields.ts';
import { RecordKind, type RecordView } from '../../flow/record.ts';
import { AddressNamer, type Namer, type SeenEnd, Standing } from '../ingest/namer.ts';
import { calledService } from './called-service.ts';
import type { Identity } from './identity.ts';
import { nodeEnd, Resolver } from './resolver.ts';

/** Names for a cluster; what is outside of it is named as without one. */
export class ClusterNamer implements Namer {
  readonly #identity: Identity;
  readonly #resolver: Resolver;
  readonly #outside = new AddressNamer();

  constructor(identity: Identity) {
    this.#identity = identity;
    this.#resolver = new Resolver(identity);
  }

  dst(view: RecordView, observer: string): SeenEnd {
    const ip = view.dstIp;
    const port = view.dstPort;
    const end = this.#resolver.server({ ip, port, time: view.time, observer });
    if (end.standing === Standing.outside) return this.#outside.dst(view);
    if (end.standing === Standing.own) {
      const services = this.#identity.servicesOf(ip, port);
      if (services.length > 0) {
        const service = calledService(this.#identity, services, ip, hostOf(view));
        if (service !== undefined) end.endpoint.service = service.name;
      }
    }
    return end;
  }

  src(view: RecordView, observer: string): SeenEnd {
    const seen = { ip: view.srcIp, port: view.srcPort, time: view.time, observer };
    const end = this.#resolver.client(seen);
    if (end.standing !== Standing.outside) return end;
    // The kubelet is on the node of the pod it probes, whatever address of it is used.
    const probed = isProbe(view) ? this.#identity.pod(view.dstIp, view.time)?.node : undefined;
    return nodeEnd(seen, probed) ?? this.#outside.src(view);
  }
}

function hostOf(view: RecordView): string {
  return view.kind === RecordKind.exchange ? view.host : '';
}

function isProbe(view: RecordView): boolean {
  return view.kind === RecordKind.exchange && view.hasRequest && view.userAgent.startsWith(KUBELET_AGENT);
}
