import { DomainError } from '@app/errors';

/** Makes the opaque text that a client sends back for the next page. @param position of the page's last delivery. */
export function encodeDeliveryCursor(position: string): string {
  return Buffer.from(`d${position}`).toString('base64url');
}

/** @throws DomainError `invalid_cursor` for anything that was not made by `encodeDeliveryCursor`. */
export function decodeDeliveryCursor(cursor: string): string {
  const position = /^d(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (position === undefined) throw new DomainError('invalid_cursor', 'Invalid cursor');
  return position;
}
