/** How much an incident file holds: a browser has to open it, and somebody to mail it. */
export const INCIDENT_LIMITS = {
  /** Flows, newest first. */
  flows: 1000,
  /** Characters of one body. */
  body: 64 * 1024,
  /** Characters of all flows together. */
  text: 24 * 1024 * 1024,
  /** Nodes and lines of the map; the busiest. */
  nodes: 120,
  lines: 400,
} as const;
