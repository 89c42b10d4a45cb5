import { Injectable } from '@nestjs/common';
import { asPrimaryFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { clientSession } from '../servers/server-pool.js';
import type { SqlSession } from '../servers/statement.js';

export interface SnapshotOptions {
  /**
   * An advisory lock, by its two numbers, that is taken **before** the snapshot and held until it is closed. What its other
   * holders have committed is then in the snapshot; a lock that is waited for inside of it would come too late for that.
   */
  lock?: readonly [number, number];
  isReadOnly?: boolean;
}

/**
 * Long work on the primary that must see one moment: several statements on one connection in one transaction of the level
 * REPEATABLE READ, without a limit of their time. Nobody waits for it, but what others delete meanwhile stays on the disk.
 * Apart from `TransactionRunner`: other code that `fn` calls takes no part in it.
 */
@Injectable()
export class PrimarySnapshots {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
  ) {}

  /** @throws DomainError `primary_unavailable`; whatever `fn` throws, with nothing changed. */
  async run<T>({ lock, isReadOnly }: SnapshotOptions, fn: (session: SqlSession) => Promise<T>): Promise<T> {
    this.monitor.assertReachable();
    try {
      return await this.pools.primary.withClient(async (client) => {
        const session = clientSession(client);
        await session.query('SET statement_timeout = 0');
        try {
          if (lock) await session.query(`SELECT pg_advisory_lock(${lock.join(', ')})`);
          return await inTransaction(session, isReadOnly === true, fn);
        } finally {
          // Of a lost connection the server releases the lock itself.
          const unlock = lock ? `SELECT pg_advisory_unlock(${lock.join(', ')})` : 'SELECT 1';
          await session.query(unlock).catch(() => undefined);
          await session.query('RESET statement_timeout').catch(() => undefined);
        }
      });
    } catch (error) {
      throw asPrimaryFailure(error);
    }
  }
}

async function inTransaction<T>(session: SqlSession, isReadOnly: boolean, fn: (session: SqlSession) => Promise<T>) {
  await session.query(`BEGIN ISOLATION LEVEL REPEATABLE READ ${isReadOnly ? 'READ ONLY' : 'READ WRITE'}`);
  try {
    const result = await fn(session);
    await session.query('COMMIT');
    return result;
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
