/**
 * Whether node_modules is what package-lock.json says, and its addons run with this Node.js: exit status 0, or 1.
 * (`npm ci` would tell by deleting it all and building the addons anew, which takes minutes.)
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const packages = (file) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).packages;

try {
  const wanted = packages('package-lock.json');
  // What npm itself wrote down when it installed.
  const installed = packages('node_modules/.package-lock.json');
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    // Optional ones are for other platforms, or are there with the version of what needs them.
    if (path !== '' && !optional && installed[path]?.version !== version) process.exit(1);
  }
  const require = createRequire(import.meta.url);
  require('better-sqlite3')(':memory:').close();
  require('pcap');
} catch {
  process.exit(1);
}
