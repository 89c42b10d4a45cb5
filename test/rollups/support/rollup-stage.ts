import { AnalyticsModule, checkRollups, type RollupCheck, RollupFolding, RollupsModule } from '@app/analytics';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { type TestDatabase, untilFollowerCaughtUp } from '../../support/test-database.js';
import { createJobDatabase, openLibraries } from '../../worker/support/job-contexts.js';
import { sessionOf } from './session-of.js';

type Rows = Record<string, unknown>[];

/** A database of one's own with the libraries that keep and read the rollups, and nothing that folds by itself. */
export class RollupStage {
  private constructor(
    readonly database: TestDatabase,
    readonly context: INestApplicationContext,
    private readonly client: pg.Client,
  ) {}

  static async open(): Promise<RollupStage> {
    const database = await createJobDatabase();
    const variables = { ANALYTICS_DB_URL: database.followerUrl };
    const context = await openLibraries(database, [AnalyticsModule, RollupsModule], variables);
    const client = new pg.Client({ connectionString: database.primaryUrl });
    client.on('error', () => undefined);
    await client.connect();
    return new RollupStage(database, context, client);
  }

  async sql<Row extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  fold(): Promise<number> {
    return this.context.get(RollupFolding).fold();
  }

  /** What the rollups say on the primary, against a recount in the same snapshot. */
  check(): Promise<RollupCheck> {
    return checkIn(this.database.primaryUrl);
  }

  /** The same on the follower, which has everything that was committed before. */
  async checkFollower(): Promise<RollupCheck> {
    await untilFollowerCaughtUp(this.database);
    return checkIn(this.database.followerUrl);
  }

  deltas(): Promise<Rows> {
    return this.sql(`SELECT organization_id, customer_id, bucket::text, status, customers_created, customers_deleted,
      accounts_created, accounts_deleted, accounts FROM rollup_deltas ORDER BY 1, 2, 3, 4, accounts`);
  }

  async close(): Promise<void> {
    await this.client?.end();
    await this.context?.close();
    await this.database?.drop();
  }
}

/** Checks in one snapshot of the server at this address. */
export async function checkIn(url: string): Promise<RollupCheck> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await checkRollups(sessionOf(client));
  } finally {
    await client.end();
  }
}
