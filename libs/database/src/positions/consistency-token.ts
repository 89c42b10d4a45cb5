import { DomainError } from '@app/errors';
import { formatLsn, type Lsn, parseLsn } from './lsn.js';

/**
 * A place in the history of one primary. Positions compare only within one system and timeline: after a promotion
 * another timeline reaches the same positions with other contents.
 */
export interface WalPosition {
  /** `pg_control_system().system_identifier`, in decimal; too large for a number. */
  readonly systemId: string;
  readonly timeline: number;
  readonly lsn: Lsn;
}

const LARGEST_SYSTEM_ID = 2n ** 64n - 1n;
const LARGEST_TIMELINE = 2 ** 32 - 1;
const MAX_LENGTH = 'v1.'.length + 20 + '.'.length + 10 + '.'.length + 17;
const TOKEN = /^v1\.(\d{1,20})\.(\d{1,10})\.([\da-fA-F]{1,8}\/[\da-fA-F]{1,8})$/;

/** The text that a client gets and sends back: `v1.<system id>.<timeline>.<LSN>`. */
export function formatToken({ systemId, timeline, lsn }: WalPosition): string {
  return `v1.${systemId}.${timeline}.${formatLsn(lsn)}`;
}

/**
 * Reads a token of any server; whether it is one of ours is for `isSameHistory` to say.
 * @throws DomainError `invalid_consistency_token`
 */
export function parseToken(text: string): WalPosition {
  const parts = text.length <= MAX_LENGTH ? TOKEN.exec(text) : null;
  if (parts === null) throw invalid();
  const [, system = '', timelineText = '', lsn = ''] = parts;
  const systemId = BigInt(system);
  const timeline = Number(timelineText);
  if (systemId > LARGEST_SYSTEM_ID || timeline < 1 || timeline > LARGEST_TIMELINE) throw invalid();
  // Without leading zeros, as servers tell it, so that texts can be compared.
  return { systemId: systemId.toString(), timeline, lsn: parseLsn(lsn) };
}

/** Whether two positions can be compared at all. */
export function isSameHistory(a: WalPosition, b: WalPosition): boolean {
  return a.systemId === b.systemId && a.timeline === b.timeline;
}

/**
 * The later of two positions of the same history.
 * @throws RangeError for two histories: neither is later, and choosing one would lose what the other promised
 */
export function laterOf(a: WalPosition, b: WalPosition): WalPosition {
  if (!isSameHistory(a, b)) throw new RangeError('Positions of two histories cannot be compared');
  return a.lsn >= b.lsn ? a : b;
}

/** The later of two positions of which either may be missing; of two histories the second's, which was seen after the first. */
export function later(before: WalPosition | undefined, after: WalPosition | undefined): WalPosition | undefined {
  if (before === undefined || after === undefined) return after ?? before;
  return isSameHistory(before, after) ? laterOf(before, after) : after;
}

function invalid(): DomainError {
  return new DomainError(
    'invalid_consistency_token',
    'Invalid consistency token: send the X-Consistency-Token of an earlier answer as it was',
  );
}
