/** Attempts at one delivery, the first one included. */
export const MAX_ATTEMPTS = 10;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * What lies between one attempt and the next: the example of Standard Webhooks, ten attempts over a little more than
 * three days.
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Part of a delay that is added or taken off at random, so that what failed together does not come back together. */
const JITTER = 0.1;
/** Failures in a row after which the whole endpoint rests, and the longest that it does. */
const FAILURES_BEFORE_REST = 3;
const LONGEST_REST_MS = 10 * MINUTE;
/** An endpoint that failed for most of a delivery's whole schedule is given up with it. */
const GIVING_UP = 0.8;

/**
 * How long a delivery waits for its next attempt; undefined when it has had its last.
 *
 * @param failures at this delivery so far, from 1, since it was last asked for.
 * @param scale shortens all delays, for tests.
 */
export function retryDelay(failures: number, scale = 1, random = Math.random()): number | undefined {
  const delay = RETRY_DELAYS_MS[failures - 1];
  return delay === undefined ? undefined : jittered(delay * scale, random);
}

/**
 * How long an endpoint is left alone after so many failures in a row, whatever is due: not at all at first, then as long
 * as a delivery would wait, ten minutes at most. So a dead endpoint with a thousand deliveries costs one attempt in ten minutes,
 * and one that is back is noticed within them.
 */
export function restDelay(failuresInRow: number, scale = 1, random = Math.random()): number {
  const step = failuresInRow - FAILURES_BEFORE_REST;
  if (step < 0) return 0;
  return jittered(Math.min(RETRY_DELAYS_MS[step] ?? LONGEST_REST_MS, LONGEST_REST_MS) * scale, random);
}

/** From when on an endpoint without any success counts as one that failed for long. */
export function givingUpAfter(scale = 1): number {
  return RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0) * scale * GIVING_UP;
}

function jittered(delay: number, random: number): number {
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}
