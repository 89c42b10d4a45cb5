import pg, { type ClientConfig } from 'pg';

const INTERVAL_MS = 1_000;

/**
 * A B-tree is built by reading the table (blocks), sorting, which counts nothing, and writing (tuples): reading is taken
 * for the first seven tenths. Other indexes are written while the table is read.
 */
const LOOK = `SELECT CASE
    WHEN tuples_total > 0 THEN 70 + 30 * tuples_done / tuples_total
    WHEN blocks_total > 0 AND phase = 'building index' THEN 100 * blocks_done / blocks_total
    WHEN blocks_total > 0 THEN 70 * blocks_done / blocks_total
  END::int AS percent
  FROM pg_stat_progress_create_index WHERE pid = $1`;

/**
 * Looks once a second, on a connection of its own, how far the index builds of another connection are. It is a comfort:
 * when it can't look, nothing is told and nothing fails.
 */
export class IndexBuildWatch {
  private timer: NodeJS.Timeout | undefined;
  private client: pg.Client | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: ClientConfig,
    private readonly backendId: number,
  ) {}

  /** Tells `onPercent` each second from now on, while an index is being built, until `stop`. */
  start(onPercent: (percent: number) => void): void {
    this.stop();
    const timer = setInterval(() => {
      this.looking = this.looking.then(async () => {
        const percent = await this.look().catch(() => undefined);
        if (percent !== undefined && this.timer === timer) onPercent(percent);
      });
    }, INTERVAL_MS);
    this.timer = timer;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  async end(): Promise<void> {
    this.stop();
    await this.looking;
    await this.client?.end().catch(() => undefined);
  }

  private async look(): Promise<number | undefined> {
    const client = this.client ?? (await this.connect());
    const { rows } = await client.query<{ percent: number | null }>(LOOK, [this.backendId]);
    return rows[0]?.percent ?? undefined;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client(this.settings);
    client.on('error', () => {
      this.client = undefined;
    });
    await client.connect();
    this.client = client;
    return client;
  }
}
