/** The spans, in minutes, for which `flow_totals` has a row each wherever something happened; every one a multiple of the one before. */
const MINUTES = [15, 60, 360, 1440];

/** SQL: a row for each span. */
export const FLOW_GRAINS = `(VALUES ${MINUTES.map((minutes) => `(${minutes})`).join(', ')}) AS grain (minutes)`;

/** SQL: a row for each span and the next finer one, of whose rows its own are the sums. */
export const COARSER_GRAINS = `(VALUES ${MINUTES.slice(1)
  .map((coarse, finer) => `(${MINUTES[finer]}, ${coarse})`)
  .join(', ')}) AS grain (minutes, coarse)`;

/** SQL: the beginning of the span that a time lies in. All are in UTC. */
export function startOfSpan(minutes: string, time: string): string {
  return `date_bin(make_interval(mins => ${minutes}), ${time}, timestamp '2000-01-01')`;
}
