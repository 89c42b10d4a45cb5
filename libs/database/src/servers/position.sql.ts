import { type PositionedStatement, statement } from './statement.js';

const ON_PRIMARY = 'pg_current_wal_insert_lsn()::text';
const ON_FOLLOWER = 'CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END';

/**
 * Where a server's write-ahead log is once the statement before has been answered; sent together with that statement, so
 * it costs no round trip. On a primary everything that the statement saw or committed lies at or before it: a commit's
 * record is in the log before anybody can see its rows.
 */
export const PRIMARY_POSITION = statement('primary-position', `SELECT ${ON_PRIMARY} AS position`);

/** After a write, which had its context: nothing that the connection does next is to be told as that one's. */
export const POSITION_AFTER_WRITE = statement(
  'position-after-write',
  `SELECT ${ON_PRIMARY} AS position, set_config('tandem.context', '', false)`,
);

/** Of a follower: how far it has replayed. NULL where it is no follower any more, or has replayed nothing yet. */
export const FOLLOWER_POSITION = statement('follower-position', `SELECT ${ON_FOLLOWER} AS position`);

/**
 * A **reading** statement that tells the position itself: the functions are volatile, so they are evaluated after the
 * statement's snapshot was taken. Not for writes: what RETURNING says is from before the commit.
 *
 * @param text the statement's text around the expression for the position, which belongs into a column of that name.
 */
export function positionedStatement(name: string, text: (position: string) => string): PositionedStatement {
  return {
    onPrimary: statement(`${name}-on-primary`, text(ON_PRIMARY)),
    onFollower: statement(`${name}-on-follower`, text(ON_FOLLOWER)),
  };
}
