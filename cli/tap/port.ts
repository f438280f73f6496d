import { createServer } from 'node:net';
import { CliError } from '../errors.ts';

/** Rejects with CliError if another program listens on the port: told before anything is started. */
export async function requireFreePort(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => reject(portError(port, cause)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}

/** What to do about a port that cannot be listened on. */
export function portError(port: number, cause: NodeJS.ErrnoException): CliError {
  if (cause.code === 'EADDRINUSE') {
    return new CliError('PORT_IN_USE', `port ${port} is in use by another program (perhaps another remora)`, {
      remedy: `Stop that one, or choose another port: --port ${port === 65535 ? port - 1 : port + 1}`,
      cause,
    });
  }
  if (cause.code === 'EACCES') {
    return new CliError('PORT_NOT_PERMITTED', `port ${port} needs root`, {
      remedy: 'Choose one above 1023: --port 8899',
      cause,
    });
  }
  return new CliError('PORT', `cannot listen on port ${port} (${cause.code ?? cause.message})`, { cause });
}
