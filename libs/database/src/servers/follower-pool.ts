import { type Lsn, parseLsn } from '../positions/lsn.js';
import { ConnectionFailedError, isAnswer } from './database-errors.js';
import { ServerPool, type ServerPoolOptions } from './server-pool.js';
import { FOLLOWER_TIMELINE, type ServerIdentity } from './server-probe.js';
import type { Positioned, PositionedQuery, SqlSession } from './statement.js';

/** What answers at a follower's address is no follower of the primary that this process writes to. */
export class NotTheFollowerError extends Error {
  constructor() {
    super('What answers there is no follower of this primary');
    this.name = 'NotTheFollowerError';
  }
}

/**
 * A follower that crashed opens before it has replayed as much again as it had before. Until its supervisor has seen that,
 * what is known of its position is not true.
 */
export class FollowerBehindItselfError extends Error {
  constructor() {
    super('The follower was restarted and is behind where it was');
    this.name = 'FollowerBehindItselfError';
  }
}

/**
 * Connections to one follower. Each is asked whose it is before it is used, and each answer comes with a word on whether
 * the server still follows: an address may come to belong to another server between two looks of the prober, and a
 * promoted follower goes its own way from that moment. The name never holds the address: it is shown in metrics and logs.
 */
export class FollowerPool extends ServerPool {
  /** How far it had replayed when it was last looked at; its supervisor says so. */
  replayed: Lsn | undefined;

  constructor(
    name: string,
    readonly url: string,
    /** For whole lists, which hold a connection for as long as their reader takes. */
    readonly streams: ServerPool,
    options: ServerPoolOptions,
  ) {
    super(name, options);
  }

  /** @throws NotTheFollowerError where the server was promoted meanwhile, and whatever `ServerPool.queryAt` throws. */
  override async queryAt<Row extends object>(
    query: PositionedQuery,
    values: readonly unknown[] = [],
  ): Promise<Positioned<Row>> {
    const { replayed } = this;
    const answer = await super.queryAt<Row>(query, values).catch((error: unknown) => {
      // Lost connections have many names, and none of them is an answer.
      const isTold = error instanceof ConnectionFailedError || isAnswer(error);
      throw isTold ? error : new ConnectionFailedError(error);
    });
    this.check(answer.position, replayed);
    return answer;
  }

  override async inSnapshot<T>(fn: (session: SqlSession) => Promise<T>) {
    const { replayed } = this;
    const answer = await super.inSnapshot(fn);
    this.check(answer.position, replayed);
    return answer;
  }

  /**
   * A position below what the prober had seen before the statement was sent means that the two talk to different servers, or
   * that this one crashed: nothing that was promised of the follower is true of the answer.
   */
  private check(position: string | null, replayed: Lsn | undefined): void {
    if (position === null) throw new NotTheFollowerError();
    if (replayed === undefined || parseLsn(position) >= replayed) return;
    this.destroySockets();
    throw new FollowerBehindItselfError();
  }

  override destroySockets(): void {
    super.destroySockets();
    this.streams.destroySockets();
  }

  override allowGrowth(isAllowed: boolean): void {
    super.allowGrowth(isAllowed);
    this.streams.allowGrowth(isAllowed);
  }
}

/**
 * @param replayedOf how far the follower is known to have got by the time the server has answered.
 * @throws NotTheFollowerError unless the server is in recovery, of the primary's system and on its timeline;
 * FollowerBehindItselfError.
 */
export async function assertFollowerOf(
  session: SqlSession,
  primary: ServerIdentity | undefined,
  replayedOf: () => Lsn | undefined = () => undefined,
): Promise<void> {
  const [row] = await session.query<{ isInRecovery: boolean; systemId: string; timeline: number; lsn: string | null }>(
    `SELECT pg_is_in_recovery() AS "isInRecovery", system_identifier::text AS "systemId",
       ${FOLLOWER_TIMELINE} AS timeline, pg_last_wal_replay_lsn()::text AS lsn FROM pg_control_system()`,
  );
  const isOurs = row?.isInRecovery === true && row.systemId === primary?.systemId && row.timeline === primary.timeline;
  if (!isOurs) throw new NotTheFollowerError();
  const replayed = replayedOf();
  if (replayed !== undefined && (row.lsn === null || parseLsn(row.lsn) < replayed))
    throw new FollowerBehindItselfError();
}
