/**
 * Whoever moves deltas into the totals holds it, so that there is one at a time. Any two numbers, as long as every process
 * uses the same: the letters `tand`, and 3.
 */
export const ROLLUP_LOCK = [1952542308, 3] as const;
