interface Position {
  system: string;
  timeline: number;
  lsn: bigint;
}

/** `v1.<system id>.<timeline>.<LSN>`; null for anything else, which the API will say what it thinks of. */
function positionOf(token: string): Position | null {
  const [, system, timeline, high, low] = /^v1\.(\d+)\.(\d+)\.([\da-f]{1,8})\/([\da-f]{1,8})$/i.exec(token) ?? [];
  if (!system || !high || !low) return null;
  return { system, timeline: Number(timeline), lsn: (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`) };
}

/**
 * Whether a token has seen more than another. Of two timelines the later one has; tokens of two systems don't compare,
 * and the one that is held stays until the API says otherwise.
 */
export function isNewer(token: string, held: string): boolean {
  const [a, b] = [positionOf(token), positionOf(held)];
  if (!a || !b) return b === null;
  if (a.system !== b.system) return false;
  return a.timeline === b.timeline ? a.lsn > b.lsn : a.timeline > b.timeline;
}

export interface TokenAnswer {
  /** `X-Consistency-Token` of the answer. */
  token: string | null;
  /** Whether the answer says `X-Consistency: reset`: the token that was sent belongs to a history that is no more. */
  isReset: boolean;
  /** The token that the request carried. */
  sent: string | null;
}

/**
 * The token to send from now on. Answers come in any order, so the newest counts, not the last. A reset is about the
 * token that was sent: another answer may have brought one of the new history meanwhile, which stays if it is newer.
 */
export function tokenAfter(held: string | null, { token, isReset, sent }: TokenAnswer): string | null {
  const isHeldGone = held === null || (isReset && held === sent);
  if (isHeldGone) return token;
  return token !== null && isNewer(token, held) ? token : held;
}
