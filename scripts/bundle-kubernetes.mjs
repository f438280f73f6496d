/**
 * Of the Kubernetes client library Remora uses who the user is and where the API server stands. Imported whole it
 * brings 2,500 files of models, which cost every command more than half a second and 50 MB. Here the part that is
 * used becomes one file of dist/, with its licences beside it, and the built programs import that.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

const LIBRARY = '@kubernetes/client-node';
const BUNDLE = 'dist/hub/kubernetes-client.js';
const USERS = ['dist/cli/kube/config.js', 'dist/hub/cluster/watch/kube-config.js'];

const { metafile } = await build({
  stdin: { contents: `export { KubeConfig } from '${LIBRARY}/dist/config.js';`, resolveDir: '.' },
  outfile: BUNDLE,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  // Some of what it needs is CommonJS, and asks for Node's own modules by require().
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});
writeFileSync(BUNDLE.replace(/js$/, 'licenses.txt'), licences(Object.keys(metafile.inputs)));
for (const file of USERS) importBundle(file);

/** Those of all packages that went in. */
function licences(inputs) {
  const packages = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  packages.delete(undefined);
  return [...packages]
    .sort()
    .map((path) => {
      const file = readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
      const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(join(path, file), 'utf8') : ''}`;
    })
    .join('\n\n');
}

function importBundle(file) {
  const path = relative(dirname(file), BUNDLE);
  const specifier = `'${path.startsWith('.') ? path : `./${path}`}'`;
  const before = readFileSync(file, 'utf8');
  const after = before.replace(`'${LIBRARY}'`, specifier);
  if (!after.includes(specifier))
    throw new Error(`${file} no longer imports ${LIBRARY}: take it off the list.`);
  if (after !== before) writeFileSync(file, after);
}
