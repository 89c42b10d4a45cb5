import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats `attempt` until it does not throw; after the limit its last error is thrown. */
export async function eventually<T>(attempt: () => Promise<T> | T, limitMs = 10_000, pauseMs = 25): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(pauseMs);
  }
}
