import { Injectable } from '@nestjs/common';
import { currentTransaction } from '../transactions/current-transaction.js';
import { asPrimaryFailure } from './database-errors.js';
import { DatabasePools } from './database-pools.service.js';
import { PrimaryMonitor } from './primary-monitor.service.js';
import type { SqlSession, Statement } from './statement.js';

/**
 * Statements on the primary: on the open transaction's connection inside `TransactionRunner.run`, else on any of the
 * pool. For writes and for reads that belong to a write; plain reads go through `ReadRouter`.
 */
@Injectable()
export class PrimaryDatabase implements SqlSession {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
  ) {}

  get isInTransaction(): boolean {
    return currentTransaction() !== undefined;
  }

  /** @throws DomainError `primary_unavailable` when the server is away (a write's outcome is then unknown). */
  async query<Row extends object>(query: Statement | string, values: readonly unknown[] = []): Promise<Row[]> {
    const session = currentTransaction()?.session;
    if (session === undefined) this.monitor.assertReachable();
    try {
      return await (session ?? this.pools.primary).query<Row>(query, values);
    } catch (error) {
      throw asPrimaryFailure(error);
    }
  }
}
