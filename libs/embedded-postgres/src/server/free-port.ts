import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';

/** Below the ranges systems take outgoing ports from, so that a stopped server's port is not lost to some client. */
const LOWEST = 15_000;
const HIGHEST = 30_000;

/** Whether the port can be listened on now. No promise for later: whoever binds it must expect to lose the race. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** A port that is free at this moment; `preferred` when it is. */
export async function findFreePort(preferred?: number, taken: readonly number[] = []): Promise<number> {
  if (preferred !== undefined && !taken.includes(preferred) && (await isPortFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
  throw new EmbeddedPostgresError('start_failed', `No free port was found between ${LOWEST} and ${HIGHEST}.`);
}
