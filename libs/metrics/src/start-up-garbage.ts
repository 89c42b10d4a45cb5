import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Gives back the memory that loading and wiring up the modules took: a quarter of a process's resident memory, which V8
 * would keep as a young generation of 32 MB. It grows again as requests need it. Takes 60 to 100 ms in which nothing else
 * runs, so call it once, before the process takes work. Where Node was built without the inspector nothing happens.
 */
export async function collectStartUpGarbage(): Promise<void> {
  const inspector = await import('node:inspector/promises').catch(() => undefined);
  if (inspector === undefined) return;
  const session = new inspector.Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  // V8 holds a lock while it tells that it is done, and disconnecting takes the same one: not in the same turn.
  await nextTurn();
  session.disconnect();
}
