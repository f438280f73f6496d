/** A process of its own: what a large cluster costs. Argument: how many pods. It writes an `IdentityResult` to standard output. */
import { benchIdentity } from '../identity.ts';

process.stdout.write(JSON.stringify(await benchIdentity(Number(process.argv[2]))));
