/** Filters that are one press away. The fields are those of flow/fields.ts. */
export const CHIPS = [
  { label: 'Errors', clause: 'error', title: '5xx answers, and requests that never got one' },
  { label: '4xx', clause: 'status_code >= 400 && status_code < 500', title: 'Answers that blame the client' },
  { label: 'Slow', clause: 'slow', title: 'Took more than a second' },
  { label: 'Incomplete', clause: 'incomplete', title: 'Something of it was not seen' },
  { label: 'No probes', clause: '!probe', title: 'Health probes of the kubelet are left out' },
] as const;

export const EXAMPLES = [
  { filter: 'error && dst.name == "orders"', meaning: 'What fails at orders' },
  { filter: 'status_code >= 500 && path.startsWith("/api")', meaning: 'Server errors under a path' },
  { filter: 'elapsed_time > 200000', meaning: 'Slower than 200 ms (µs)' },
  { filter: 'method in ["PUT", "DELETE"]', meaning: 'One of several' },
  { filter: 'src.namespace != dst.namespace', meaning: 'Across namespaces' },
  { filter: 'request.headers["x-request-id"] == "4f2a"', meaning: 'By a header; case does not count' },
  { filter: 'response.body.contains("out of stock")', meaning: 'Search in bodies' },
  { filter: 'url.matches("/users/[0-9]+$")', meaning: 'Regular expression' },
  { filter: '"gap" in completeness', meaning: 'Bytes were lost by the capture' },
] as const;
