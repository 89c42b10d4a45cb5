import { countConnections } from '../faults/sockets.js';
import type { ApiProcess } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';
import { readMetrics } from './metrics.js';

/**
 * The connections that a process really has to its followers, and how many of them its pools and probes know of. What is
 * more than known is looked at again for some seconds: a probe may be between two connections just then.
 */
export async function openConnections(
  api: ApiProcess,
  addresses: { port: number }[],
): Promise<{ open: number; known: number }> {
  return eventually(async () => {
    const found = await look(api, addresses);
    if (found.open > found.known) throw new Error(`${found.open} connections, ${found.known} known`);
    return found;
  }, 5_000).catch(() => look(api, addresses));
}

async function look(api: ApiProcess, addresses: { port: number }[]) {
  const metrics = await readMetrics(api.call);
  const inPools = metrics
    .labelsOf('db_pool_connections', 'pool')
    .filter((pool) => pool.startsWith('follower-'))
    .flatMap((pool) => ['used', 'idle'].map((state) => metrics.value('db_pool_connections', { pool, state })));
  const open = addresses.map(({ port }) => countConnections(api.pid, port));
  const sum = (counts: number[]): number => counts.reduce((total, one) => total + one, 0);
  return { open: sum(open), known: sum(inPools) + addresses.length };
}
