import { Injectable } from '@nestjs/common';
import { asReadFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import type { PositionedQuery, PositionedServer, SqlSession } from '../servers/statement.js';

/** The primary as a server of reads: sessions in which a write fails, apart from those of writes and transactions. */
@Injectable()
export class PrimaryReads implements PositionedServer {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
  ) {}

  /** @throws DomainError `primary_unavailable`, `statement_timeout`; SQL errors as they are. */
  async queryAt<Row extends object>(query: PositionedQuery, values: readonly unknown[] = []) {
    this.monitor.assertReachable();
    try {
      return await this.pools.primaryRead.queryAt<Row>(query, values);
    } catch (error) {
      throw asReadFailure(error);
    }
  }

  async inSnapshot<T>(fn: (session: SqlSession) => Promise<T>) {
    this.monitor.assertReachable();
    try {
      return await this.pools.primaryRead.inSnapshot(fn);
    } catch (error) {
      throw asReadFailure(error);
    }
  }
}
