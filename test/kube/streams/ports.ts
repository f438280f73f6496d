/** Which local TCP port stands behind a port of a pod. */

export class PodPorts {
  readonly #byPod = new Map<string, Map<number, number>>();

  /** Connections to `port` of the pod (its uid) go to 127.0.0.1:`local`. */
  open(pod: string, port: number, local: number): void {
    const ports = this.#byPod.get(pod) ?? new Map<number, number>();
    ports.set(port, local);
    this.#byPod.set(pod, ports);
  }

  /** Nothing listens in the pod any more. */
  close(pod: string): void {
    this.#byPod.delete(pod);
  }

  localPort(pod: string, port: number): number | undefined {
    return this.#byPod.get(pod)?.get(port);
  }
}
