/**
 * A process of its own that looks one thing up in a cluster and remembers it: `lookup-main.js PLACE LOOKUP DIRECTORY`.
 * The libraries take a while to load, and a credential plugin may take seconds; whoever pressed Tab waits for less
 * than one. What comes too late for this time is there the next time.
 */

import { Kube } from '../kube/client.ts';
import type { Candidate } from './complete.ts';
import { LOOKUP_LIMIT_MS, type Lookup, type LookupPlace, lookUp } from './lookup.ts';
import { remember } from './memory.ts';

const [question = '', directory = ''] = process.argv.slice(2);
setTimeout(() => process.exit(1), LOOKUP_LIMIT_MS).unref();
const { place, lookup } = JSON.parse(question) as { place: LookupPlace; lookup: Lookup };

let candidates: Candidate[] = [];
try {
  candidates = await lookUp(Kube.open(place), place, lookup);
} catch {
  // Nobody is there to be told. That nothing was found is remembered too: the next Tab need not wait for it.
}
remember(directory, question, candidates);
process.exit(0);
