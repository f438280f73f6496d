/**
 * A hub that is only what workers need: the store and ingest, in a process of its own, to be killed. Arguments: data directory, port.
 * Prints the port it listens on.
 */
import { SqliteStore } from '../../hub/store/sqlite/sqlite-store.ts';
import { startIngest } from '../ingest-server.ts';

const [dir, port] = process.argv.slice(2);
const store = await SqliteStore.open({ dir, storageLimit: 2 ** 30 }, (warning) => console.error(warning));
const { url } = await startIngest(store, { port: Number(port) });
console.log(new URL(url).port);
