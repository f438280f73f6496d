/** A process of its own: how soon history answers. Argument: how many flows. It writes a `HistoryResult` to standard output. */
import { benchHistory } from '../history/history.ts';

process.stdout.write(JSON.stringify(await benchHistory(Number(process.argv[2]))));
