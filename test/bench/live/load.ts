/**
 * The clients of the live bench, started by `fork` with a port, a number of connections and seconds: each connection
 * sends the next request when it has its answer, so no more is under way than there are connections. Ends by itself
 * when every request has been answered, and says `{ answered }`.
 */
import { connect, type Socket } from 'node:net';
import { ShopMessages } from '../traffic/shop-messages.ts';

const REQUESTS = 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

const [port, connections, seconds] = process.argv.slice(2).map(Number);
const messages = new ShopMessages(4);
const requests = Array.from({ length: REQUESTS }, () => messages.request());
const end = performance.now() + seconds * 1000;
let sent = 0;
let answered = 0;
let open = connections;

for (let i = 0; i < connections; i++) start(connect(port, '127.0.0.1'));

function start(socket: Socket): void {
  socket.setNoDelay(true);
  /** Bytes of the present answer that are still to come. */
  let missing = 0;
  const ask = () => socket.write(requests[sent++ % REQUESTS]);
  socket.on('connect', ask);
  socket.on('data', (data) => {
    missing = missing === 0 ? answerLength(data) - data.length : missing - data.length;
    if (missing > 0) return;
    answered++;
    if (performance.now() < end) ask();
    else socket.end();
  });
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('close', () => {
    open--;
    if (open > 0) return;
    process.send?.({ answered });
    process.disconnect();
  });
}

/** Of head and body; the server writes a head in one piece. */
function answerLength(data: Buffer): number {
  const headEnd = data.indexOf(HEAD_END) + HEAD_END.length;
  const length = /content-length: (\d+)/i.exec(data.toString('latin1', 0, headEnd));
  if (length === null) throw new Error('the server answered without a content-length');
  return headEnd + Number(length[1]);
}
