import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

type Write = (client: pg.PoolClient, pick: (most: number) => number, customers: number) => Promise<number>;

const run = async (client: pg.PoolClient, text: string, values: unknown[]): Promise<number> =>
  (await client.query(text, values)).rowCount ?? 0;
const STATUSES = ['active', 'inactive', 'suspended', 'pending', 'legacy'];

/** Every way in which rows change, and how often of a thousand statements. */
const WRITES: [name: string, share: number, write: Write][] = [
  [
    'account',
    300,
    (client, pick, customers) =>
      run(
        client,
        `INSERT INTO accounts (organization_id, customer_id, name, status)
      SELECT organization_id, id, 'W', $2 FROM customers WHERE id = $1`,
        [1 + pick(customers), STATUSES[pick(5)]],
      ),
  ],
  [
    'back-dated account',
    150,
    (client, pick, customers) =>
      run(
        client,
        `INSERT INTO accounts (organization_id, customer_id, name, status, created_at)
      SELECT organization_id, id, 'B', 'active', now() - $2 * interval '1 minute' FROM customers WHERE id = $1`,
        [1 + pick(customers), pick(2_000_000)],
      ),
  ],
  [
    'customer',
    150,
    (client, pick) =>
      run(client, `INSERT INTO customers (organization_id, name, email) VALUES ($1, 'N', gen_random_uuid() || '@w')`, [
        1 + pick(6),
      ]),
  ],
  [
    'status',
    150,
    (client, pick, customers) =>
      run(client, 'UPDATE accounts SET status = $2 WHERE customer_id = $1', [1 + pick(customers), STATUSES[pick(5)]]),
  ],
  [
    'rename',
    100,
    (client, pick, customers) =>
      run(client, `UPDATE customers SET name = 'renamed ' || $2::text WHERE id = $1`, [
        1 + pick(customers),
        pick(1_000),
      ]),
  ],
  [
    'move',
    60,
    (client, pick, customers) =>
      run(
        client,
        `UPDATE accounts SET customer_id = c.id, organization_id = c.organization_id FROM customers c
      WHERE c.id = $2 AND accounts.customer_id = $1`,
        [1 + pick(customers), 1 + pick(customers)],
      ),
  ],
  [
    'cascade',
    40,
    (client, pick, customers) => run(client, 'DELETE FROM customers WHERE id = $1', [1 + pick(customers)]),
  ],
  [
    'account deletion',
    40,
    (client, pick, customers) => run(client, 'DELETE FROM accounts WHERE customer_id = $1', [1 + pick(customers)]),
  ],
  [
    'bulk update',
    5,
    (client, pick) => {
      const first = 1 + pick(400_000);
      return run(client, 'UPDATE accounts SET status = $3 WHERE id BETWEEN $1 AND $2', [
        first,
        first + 500,
        STATUSES[pick(5)],
      ]);
    },
  ],
  ['COPY', 3, copy],
  [
    'rollback',
    2,
    async (client, pick, customers) => {
      await client.query('BEGIN');
      await client.query('DELETE FROM customers WHERE id BETWEEN $1 AND $1 + 20', [1 + pick(customers)]);
      await client.query('ROLLBACK');
      return 0;
    },
  ],
];
const CHOICES = WRITES.flatMap((write) => Array.from({ length: write[1] }, () => write));

/** What concurrent transactions do to each other, and what a customer that is gone does to its accounts. */
const EXPECTED = new Set(['40P01', '40001', '23503']);

async function copy(client: pg.PoolClient, pick: (most: number) => number): Promise<number> {
  const { rows } = await client.query<{ id: number; organization_id: number }>(
    'SELECT id, organization_id FROM customers ORDER BY id DESC OFFSET $1 LIMIT 50',
    [pick(1_000)],
  );
  const stream = client.query(copyFrom('COPY accounts (organization_id, customer_id, name, status) FROM STDIN'));
  const lines = rows.flatMap(({ id, organization_id }) =>
    Array.from({ length: 20 }, (_, index) => `${organization_id}\t${id}\tcopied\t${STATUSES[index % 5]}\n`),
  );
  await new Promise((resolve, reject) => {
    stream.on('finish', resolve).on('error', reject);
    stream.end(lines.join(''));
  });
  return lines.length;
}

/** Writers that together do so many statements a second, as far as the server keeps up. */
export class CampaignWrites {
  total = 0;
  rows = 0;
  readonly failures: string[] = [];
  private readonly counts = new Map<string, number>();
  private isStopped = false;
  private loops: Promise<void>[] = [];

  private constructor(
    private readonly pool: pg.Pool,
    private readonly customers: number,
  ) {}

  static async start(url: string, writesPerSecond: number, customers: number): Promise<CampaignWrites> {
    const writers = 16;
    const pool = new pg.Pool({ connectionString: url, max: writers });
    pool.on('error', () => undefined);
    const writes = new CampaignWrites(pool, customers);
    writes.loops = Array.from({ length: writers }, () => writes.loop((1_000 * writers) / writesPerSecond));
    return writes;
  }

  describe(): string {
    return `${this.total} statements, ${this.rows} rows: ${[...this.counts].map(([name, count]) => `${count} × ${name}`).join(', ')}`;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
    await this.pool.end();
  }

  private async loop(everyMs: number): Promise<void> {
    let dueAt = performance.now() + Math.random() * everyMs;
    while (!this.isStopped) {
      await sleep(Math.max(0, dueAt - performance.now()));
      dueAt = Math.max(dueAt + everyMs, performance.now() - 1_000);
      await this.write();
    }
  }

  private async write(): Promise<void> {
    const pick = (most: number): number => Math.floor(Math.random() * most);
    const [name, , write] = CHOICES[pick(CHOICES.length)] as (typeof WRITES)[number];
    const client = await this.pool.connect();
    try {
      this.rows += await write(client, pick, this.customers);
      this.total += 1;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    } catch (error) {
      if (!EXPECTED.has((error as { code?: string }).code ?? '')) this.failures.push(`${name}: ${error}`);
    } finally {
      client.release();
    }
  }
}
