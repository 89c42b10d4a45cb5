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
      return lent(pool);
    }
  } as unknown as new () => pg.Pool;
}

/**
 * The pool as TypeORM may have it: not to be ended. It would do so when the server goes away in the middle of
 * `initialize`, and every later statement of the process would fail, whether TypeORM's or not.
 */
function lent(pool: pg.Pool): pg.Pool {
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === 'end') return (done: () => void) => done();
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
