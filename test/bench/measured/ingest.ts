/** A process of its own: how fast a hub takes flows in. Argument: how many. It writes an `IngestResult` to standard output. */
import { benchIngest } from '../ingest.ts';

process.stdout.write(JSON.stringify(await benchIngest(Number(process.argv[2]))));
