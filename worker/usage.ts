/** What the worker itself costs, as counters: `rssBytes`, and `cpuMs` since it began. */
export function ownUsage(): Record<string, number> {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuMs: Math.round((user + system) / 1000) };
}
