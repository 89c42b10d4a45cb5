import { Injectable } from '@nestjs/common';
import { OwnWrites } from '../routing/own-writes.service.js';
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
    private readonly ownWrites: OwnWrites,
  ) {}

  get isInTransaction(): boolean {
    return currentTransaction() !== undefined;
  }

  /** A statement that changes what an organization's analytics say: its next reads of them will hold the change. */
  async write<Row extends object>(
    organizationId: number,
    query: Statement | string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const rows = await this.query<Row>(query, values);
    this.ownWrites.note(organizationId);
    return rows;
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
