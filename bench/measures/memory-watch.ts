import type { ServerProcess } from '../stack/server-process.js';

const SAMPLE_MS = 50;

/** The most memory that a server took while something ran, in MiB. */
export async function watchMemory<T>(
  server: ServerProcess,
  work: () => Promise<T>,
): Promise<{ result: T; peakMiB: number }> {
  let peakMiB = server.residentMiB;
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, server.residentMiB);
  }, SAMPLE_MS);
  try {
    const result = await work();
    return { result, peakMiB };
  } finally {
    clearInterval(timer);
  }
}
