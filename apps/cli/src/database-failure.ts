import { isConnectionFailure, isSqlError } from '@app/database';

/** Node's own errors have codes, too, of other shapes. */
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Of a server that is not there for anybody at the moment; any other refusal is about what was asked of it. */
const SERVER_AWAY = /^(08|57P|53300)/;

/** One line about a failure of the database; undefined where it was something else. */
export function describeDatabaseFailure(error: Error): string | undefined {
  const cause = rootOf(error);
  const isRefusal = isSqlError(cause) && SQLSTATE.test(cause.code) && !SERVER_AWAY.test(cause.code);
  if (isRefusal) return `The database refused: ${cause.message}${detailOf(cause)}`;
  return isConnectionFailure(cause) ? `The database cannot be reached: ${messageOf(cause)}` : undefined;
}

/** TypeORM wraps the driver's errors. */
function rootOf(error: Error): Error {
  const { driverError } = error as { driverError?: unknown };
  return driverError instanceof Error ? driverError : error;
}

/** Where a host has several addresses, Node tells the failure of each in an error without a message. */
function messageOf(error: Error): string {
  const { errors } = error as { errors?: Error[] };
  return error.message || errors?.map(({ message }) => message).join(', ') || error.name;
}

function detailOf(error: Error): string {
  const { detail } = error as { detail?: string };
  return detail ? ` (${detail})` : '';
}
