import { DomainError } from '@app/errors';

/** A place in the log, just behind an event or where one could be. */
export interface Place {
  epoch: number;
  xid: bigint;
  seq: bigint;
}

/** A place, and what a reader needs to know of the moment at which it was told. */
export interface EventCursor extends Place {
  /** The epoch that was current then. */
  current: number;
  /** When what lies before it was logged, in whole seconds since 1970. */
  at: number;
}

const VERSION = 1;
const LARGEST = 2n ** 63n - 1n;
const WHOLE = /^\d{1,19}$/;

/** Opaque to clients; fit for a URL and for a line of server-sent events. It holds nothing secret. */
export function encodeEventCursor({ current, epoch, xid, seq, at }: EventCursor): string {
  return Buffer.from([VERSION, current, epoch, xid, seq, at].join('.')).toString('base64url');
}

/** @throws DomainError `invalid_cursor` for what the log never gave out. */
export function decodeEventCursor(text: string): EventCursor {
  const parts = Buffer.from(text, 'base64url').toString('latin1').split('.');
  const isOurs = parts.length === 6 && parts.every((part) => WHOLE.test(part) && BigInt(part) <= LARGEST);
  if (!isOurs || parts[0] !== String(VERSION)) throw invalidCursor();
  const [, current = '', epoch = '', xid = '', seq = '', at = ''] = parts;
  const cursor = { current: Number(current), epoch: Number(epoch), xid: BigInt(xid), seq: BigInt(seq), at: Number(at) };
  const isSound = cursor.epoch <= cursor.current && cursor.current < 2 ** 31 && Number.isSafeInteger(cursor.at);
  if (!isSound) throw invalidCursor();
  return cursor;
}

export function isBehind(a: Place, b: Place): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  return a.xid === b.xid ? a.seq > b.seq : a.xid > b.xid;
}

/** Whether whoever has read up to `a` has passed `b`: two cursors as texts. */
export function hasReached(a: string, b: string): boolean {
  return !isBehind(decodeEventCursor(b), decodeEventCursor(a));
}

export function invalidCursor(): DomainError {
  return new DomainError('invalid_cursor', 'Invalid cursor: use one that an answer of the change log gave');
}
