const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/**
 * How long a job rests before it is tried again, in milliseconds: doubled with every failure up to ten seconds, less up
 * to a half at random, so that jobs that failed together don't come back together ("equal jitter", AWS Architecture
 * Blog, 2015).
 *
 * @param failures so far, from 1.
 * @param random 0 to 1.
 */
export function retryDelay(failures: number, random = Math.random()): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 30), LONGEST_MS);
  return Math.round(longest * (1 - random / 2));
}
