/** A process of its own: how soon the map of a large cluster is there. Argument: how many flows. It writes a `MapResult` to standard output. */
import { benchMap } from '../map.ts';

process.stdout.write(JSON.stringify(await benchMap(Number(process.argv[2]))));
