import type { Health } from '../../../flow/api.ts';

export interface Figure {
  /** `hub` or the worker's node. */
  where: string;
  kind: 'counter' | 'limit';
  name: string;
  value: number;
  /** A counter of something lost or refused that is not nought. */
  bad: boolean;
}

/** Names that count what should not happen. */
const LOSS =
  /drop|lost|lose|evict|conflict|error|refus|reject|skip|malformed|overflow|fail|exceed|timeout|truncat/i;

/** Every counter and limit of the hub and the workers in one table: what is bad first, then by name and place. */
export function figuresOf(health: Health): Figure[] {
  const figures: Figure[] = [];
  const take = (where: string, kind: Figure['kind'], values: Record<string, number>): void => {
    for (const [name, value] of Object.entries(values)) {
      figures.push({ where, kind, name, value, bad: kind === 'counter' && value > 0 && LOSS.test(name) });
    }
  };
  take('hub', 'counter', health.hub.counters);
  take('hub', 'limit', health.hub.limits);
  for (const worker of health.workers) {
    take(worker.node, 'counter', worker.counters);
    take(worker.node, 'limit', worker.limits);
  }
  return figures.sort(
    (a, b) =>
      Number(b.bad) - Number(a.bad) ||
      a.kind.localeCompare(b.kind) ||
      a.name.localeCompare(b.name) ||
      a.where.localeCompare(b.where),
  );
}

export function matching(figures: readonly Figure[], search: string): Figure[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return figures.filter((figure) => {
    const text = `${figure.name} ${spaced(figure.name)} ${figure.where} ${figure.kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** `kernelDrops` as `kernel drops`. */
export function spaced(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
}
