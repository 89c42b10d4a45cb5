import pg from 'pg';

const CALLERS = 8;

/**
 * A pool as pg makes it, with the time limit that it offers for getting a connection, and callers of one small question
 * each: what a hung server does to them when nobody destroys the sockets.
 */
export class HungPool {
  readonly callers = CALLERS;
  private answered = 0;
  private asking: Promise<unknown> = Promise.resolve();

  private constructor(private readonly pool: pg.Pool) {}

  /** With all its connections open and idle. */
  static async open(url: string): Promise<HungPool> {
    const pool = new pg.Pool({ connectionString: url, max: CALLERS, connectionTimeoutMillis: 500 });
    pool.on('error', () => undefined);
    await Promise.all(Array.from({ length: CALLERS }, () => pool.query('SELECT pg_sleep(0.1)')));
    return new HungPool(pool);
  }

  ask(): void {
    const asked = Array.from({ length: CALLERS }, () => this.pool.query('SELECT 1').catch(() => undefined));
    this.asking = Promise.all(asked.map((answer) => answer.then(() => (this.answered += 1))));
  }

  get waiting(): number {
    return CALLERS - this.answered;
  }

  /** To be called when the server goes on. */
  async end(): Promise<void> {
    await this.asking;
    await this.pool.end();
  }
}
