import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { ServerPool } from './server-pool.js';

/**
 * Options of a TypeORM data source that uses a pool of ours instead of making its own: `initialize` then only reads
 * the server's version, and the pool's sockets stay under the control of whoever watches the server.
 */
export function dataSourceOptions(pool: ServerPool): DataSourceOptions {
  return {
    type: 'postgres',
    driver: { ...pg, Pool: adopting(pool.pool) },
    installExtensions: false,
    logging: false,
    poolErrorHandler: () => undefined,
  };
}

function adopting(pool: pg.Pool): new () => pg.Pool {
  return class {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: TypeORM calls `new Pool()`, and this is how it gets ours
      return pool;
    }
  } as unknown as new () => pg.Pool;
}
