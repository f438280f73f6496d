// A thread started from TypeScript source (tests, development) does not inherit tsx from the main thread:
// this registers it and then loads the module that its argument names. The build has no need of it.
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2]);
