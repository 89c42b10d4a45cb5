import { connectionSettings } from '@app/database';
import { type PgQueryable, runMigrations } from 'bullmq';
import pg from 'pg';
import { QUEUE_SCHEMA } from './postgres-queue-server.js';

/**
 * Brings BullMQ's schema on the primary up to date in one transaction. Safe when two run at once; does nothing when
 * there is nothing to do. Not for processes that serve: they wait until `npm run migrate` has called this.
 *
 * @param url of the primary, with a user who may create a schema.
 */
export async function runQueueMigrations(url: string): Promise<void> {
  const client = new pg.Client(
    connectionSettings(url, {
      applicationName: 'tandem-migrate',
      connectTimeoutMs: 10_000,
      statementTimeoutMs: 0,
      readOnly: false,
    }),
  );
  await client.connect();
  try {
    await runMigrations(client as unknown as PgQueryable, QUEUE_SCHEMA);
  } finally {
    await client.end();
  }
}
