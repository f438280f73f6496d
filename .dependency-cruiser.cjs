// The one direction of imports (see docs/architecture.md):
// cli → hub, worker, deploy, flow · hub → flow · worker → flow · deploy → flow · ui → flow. Tests may import all.
const only = (from, ...allowed) => ({
  name: `${from}-imports`,
  comment: `${from}/ may import only ${[from, ...allowed].join(', ')} and packages`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^(flow|worker|hub|cli|deploy|ui|test)/', pathNot: `^(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('flow'),
    only('worker', 'flow'),
    only('hub', 'flow'),
    only('ui', 'flow'),
    only('deploy', 'flow'),
    only('cli', 'hub', 'worker', 'deploy', 'flow'),
    {
      name: 'flow-is-pure',
      comment: 'flow/ runs in a browser too: no Node built-ins',
      severity: 'error',
      from: { path: '^flow/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'dissectors-do-no-io',
      severity: 'error',
      from: { path: '^worker/(packet|tcp|dissect|redact)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(fs|net|http|https|child_process|dgram|tls|pcap|ws)$' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.svelte', '.mjs'] },
  },
};
