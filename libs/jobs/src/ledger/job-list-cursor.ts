import { DomainError } from '@app/errors';

/** The last job of a page; the next page goes on behind it. */
export interface JobListPosition {
  createdAt: string;
  id: string;
}

const CREATED_AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
export const JOB_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Makes the opaque text that a client sends back for the next page. */
export function encodeJobListCursor({ createdAt, id }: JobListPosition): string {
  return Buffer.from(`${createdAt} ${id}`).toString('base64url');
}

/** @throws DomainError `invalid_cursor` for anything that was not made by `encodeJobListCursor`. */
export function decodeJobListCursor(cursor: string): JobListPosition {
  const [createdAt = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const isWhole = CREATED_AT.test(createdAt) && !Number.isNaN(Date.parse(createdAt)) && JOB_ID.test(id);
  if (!isWhole || rest.length > 0) throw new DomainError('invalid_cursor', 'Invalid cursor');
  return { createdAt, id };
}
