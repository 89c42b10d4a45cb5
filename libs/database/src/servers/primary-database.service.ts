import { Injectable } from '@nestjs/common';
import { WriteRecord } from '../routing/write-record.service.js';
import { changeContext } from '../transactions/change-context.js';
import { currentTransaction } from '../transactions/current-transaction.js';
import { repeatConflicts } from '../transactions/repeat-conflicts.js';
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
    private readonly record: WriteRecord,
  ) {}

  /**
   * A statement that changes what an organization sees, or what no organization does (undefined). The answer to the request
   * carries the token of the change; the request's own reads and the organization's next ones hold it. The log's position is asked after the commit: before it, a read could be let
   * through to a follower that has everything up to there and not yet the commit. The change log tells it with the actor and
   * the request of the context. Outside of a transaction it is repeated when another one got into its way (a deadlock).
   */
  async write<Row extends object>(
    organizationId: number | undefined,
    query: Statement | string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const transaction = currentTransaction();
    if (transaction !== undefined) {
      if (organizationId !== undefined) transaction.writers.add(organizationId);
      return this.query<Row>(query, values);
    }
    this.monitor.assertReachable();
    try {
      const context = changeContext();
      const { rows, position } = await repeatConflicts(() => this.pools.primary.writeAt<Row>(query, values, context));
      this.record.committed(organizationId === undefined ? [] : [organizationId], position);
      return rows;
    } catch (error) {
      throw asPrimaryFailure(error);
    }
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
