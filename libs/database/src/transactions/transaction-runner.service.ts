import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { ClientBase, QueryResult } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { PRIMARY } from '../data-source-names.js';
import { WriteRecord } from '../routing/write-record.service.js';
import { asPrimaryFailure } from '../servers/database-errors.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { clientSession } from '../servers/server-pool.js';
import { changeContext, TELL_TRANSACTION } from './change-context.js';
import { currentTransaction, type OpenTransaction, runInTransaction } from './current-transaction.js';
import { repeatConflicts } from './repeat-conflicts.js';

/**
 * The one way to write more than one statement: joins the open transaction of the caller or starts one on the primary.
 * Everything that `fn` awaits takes part: entity managers got from `manager` and `PrimaryDatabase` alike. Whatever `fn`
 * throws rolls back. When another transaction got into its way (a deadlock, a serialization failure) `fn` runs again from its
 * beginning, so nothing that it does outside of the transaction may matter. Not for work that waits for the network: the connection is held all the while.
 */
@Injectable()
export class TransactionRunner {
  constructor(
    @InjectDataSource(PRIMARY) private readonly dataSource: DataSource,
    private readonly monitor: PrimaryMonitor,
    private readonly record: WriteRecord,
  ) {}

  /** Of the open transaction, or one that commits each statement by itself. */
  get manager(): EntityManager {
    return currentTransaction()?.manager ?? this.dataSource.manager;
  }

  /**
   * Does something once the open transaction is committed and its connection is free again, never when it is rolled
   * back; at once where none is open. `run` resolves after it, so it must not take long and must not fail: whatever it
   * throws is lost, for the transaction is committed.
   */
  async afterCommit(work: () => Promise<void>): Promise<void> {
    const open = currentTransaction();
    if (open) open.afterCommit.push(work);
    else await work();
  }

  /** @throws DomainError `primary_unavailable` when the connection is lost (the outcome of COMMIT is then unknown). */
  async run<T>(fn: (manager: EntityManager) => Promise<T>): Promise<T> {
    const open = currentTransaction();
    if (open) return fn(open.manager);
    this.monitor.assertReachable();
    const { result, afterCommit } = await repeatConflicts(() => this.attempt(fn));
    for (const work of afterCommit) await work().catch(() => undefined);
    return result;
  }

  private async attempt<T>(fn: (manager: EntityManager) => Promise<T>) {
    const afterCommit: OpenTransaction['afterCommit'] = [];
    const runner = this.dataSource.createQueryRunner();
    try {
      const client: ClientBase = await runner.connect();
      await runner.startTransaction();
      // Goes out together with the first statement; should it fail, so do all that follow.
      client.query({ ...TELL_TRANSACTION, values: [changeContext()] }).catch(() => undefined);
      const writers = new Set<number>();
      const transaction = { session: clientSession(client), manager: runner.manager, writers, afterCommit };
      const result = await runInTransaction(transaction, () => fn(runner.manager));
      this.record.committed(writers, await commit(client));
      return { result, afterCommit };
    } catch (error) {
      // A lost connection has rolled back by itself; what failed first is what the caller must hear.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw asPrimaryFailure(error);
    } finally {
      await runner.release();
    }
  }
}

/**
 * Commits, and asks in the same message how far the log is now. The position has to be taken after the commit: one taken
 * before may lie before the commit's own record, and a follower that has replayed just so much does not show the rows.
 */
async function commit(client: ClientBase): Promise<string | null> {
  const results = (await client.query(
    'COMMIT; SELECT pg_current_wal_insert_lsn()::text AS position',
  )) as unknown as QueryResult<{ position: string }>[];
  // Of a transaction in which a statement had failed unheard, PostgreSQL answers COMMIT by rolling back.
  if (results[0]?.command !== 'COMMIT')
    throw new Error('Nothing was committed: a statement of the transaction had failed');
  return results[1]?.rows[0]?.position ?? null;
}
