import pg from 'pg';
import { expect } from 'vitest';

/** The first row of one statement, on a connection of its own. */
export async function ask<Row = Record<string, string>>(url: string, statement: string): Promise<Row> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows[0];
  } finally {
    await client.end();
  }
}

/** Asks again until the first row is as expected; for what a follower is about to see. */
export async function untilSeen(url: string, statement: string, expected: unknown): Promise<void> {
  await expect.poll(() => ask(url, statement).catch((error) => error.code), { timeout: 10_000 }).toEqual(expected);
}
