/** The demo shop as a program: ends with SIGTERM, or with its parent. */

import { openShop } from './shop.ts';

try {
  const shop = await openShop(Date.now());
  const { address, port } = shop.places.front;
  process.stdout.write(`${JSON.stringify({ event: 'open', url: `http://${address}:${port}/` })}\n`);
  const end = () => void shop.close().then(() => process.exit(0));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  if (process.env['REMORA_PARENT_STDIN'] === '1') process.stdin.resume().on('end', end).on('error', end);
} catch (error) {
  process.stderr.write(
    `Error: the loopback addresses 127.0.77.x cannot be used: ${(error as Error).message}\n`,
  );
  process.exit(1);
}
