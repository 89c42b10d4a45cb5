import type pg from 'pg';
import { expect, test } from 'vitest';
import { dataSourceOptions } from './data-source-options.js';
import { PRIMARY_POSITION } from './position.sql.js';
import { ServerPool } from './server-pool.js';

interface PoolOfDriver {
  driver: { Pool: new () => pg.Pool };
}

test('TypeORM gets the pool that there is, and what it ends goes on', async () => {
  const checkouts = { waited: () => undefined, timedOut: () => undefined };
  const pool = new ServerPool('primary', { max: 7, position: PRIMARY_POSITION, checkouts });
  const { driver } = dataSourceOptions(pool) as unknown as PoolOfDriver;
  const lent = new driver.Pool();
  expect(lent.options.max).toBe(7);
  await new Promise<void>((done) => lent.end(done));
  expect(pool.pool.ending).toBe(false);
  await pool.end();
  expect(lent.ended).toBe(true);
  await pool.end();
});
