import { requestReads } from '@app/database';

/**
 * Reads, and tells up to which moment the answer surely holds everything that was acknowledged, as RFC 3339: now less the
 * staleness bound of a follower, or when the read began on the primary. Null where no bound is known, as of a follower whose
 * primary is away since before this process began, and where there is no request.
 */
export async function withAsOf<T>(read: () => Promise<T>): Promise<{ answer: T; asOf: string | null }> {
  const [beganAt, began] = [Date.now(), performance.now()];
  const answer = await read();
  const served = requestReads()?.served;
  if (served === undefined || served.asOf === null) return { answer, asOf: null };
  // The process's clock of moments is not that of the calendar, which may be set.
  const ms = served.asOf === undefined ? beganAt : beganAt + Math.min(0, Math.floor(served.asOf - began));
  return { answer, asOf: new Date(ms).toISOString().replace('Z', '000Z') };
}
