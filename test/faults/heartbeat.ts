import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/**
 * The truth about age: writes that go straight to the primary, one after the other, each numbered and with the moment at
 * which it was acknowledged. Each beat names the customer anew and gives it another account, so that every kind of read
 * shows how many beats it knows. An answer is too old by a bound if it lacks a beat that was acknowledged so long before
 * the answer was asked for; moments are this process's `performance.now()`.
 */
export class Heartbeat {
  /** By number, less one. */
  private readonly acknowledged: number[] = [];
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly client: pg.Client,
    readonly customerId: number,
    private readonly organizationId: number,
    private readonly intervalMs: number,
  ) {}

  static async start(primaryUrl: string, organizationId: number, intervalMs = 25): Promise<Heartbeat> {
    const client = new pg.Client({ connectionString: primaryUrl, application_name: 'heartbeat' });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query(
      'INSERT INTO customers (organization_id, name, email) VALUES ($1, $2, $3) RETURNING id',
      [organizationId, 'Beat 0', `beat-${performance.now()}@example.com`],
    );
    const heartbeat = new Heartbeat(client, rows[0].id, organizationId, intervalMs);
    heartbeat.running = heartbeat.run();
    return heartbeat;
  }

  /** How many beats were acknowledged before that moment: an answer about that moment knows at least as many. */
  countBefore(moment: number): number {
    let [low, high] = [0, this.acknowledged.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.acknowledged[middle] ?? 0) < moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How old an answer asked for at that moment is that knows so many beats: since when it lacks one. 0 if it lacks none. */
  ageOf(beats: number, askedAt: number): number {
    const lacking = this.acknowledged[beats];
    return lacking === undefined ? 0 : Math.max(0, askedAt - lacking);
  }

  get count(): number {
    return this.acknowledged.length;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running.finally(() => this.client.end());
  }

  private async run(): Promise<void> {
    const text = `WITH beat AS (UPDATE customers SET name = $3 WHERE id = $2)
      INSERT INTO accounts (organization_id, customer_id, name, status) VALUES ($1, $2, $3, 'active')`;
    while (!this.isStopped) {
      const beat = `Beat ${this.acknowledged.length + 1}`;
      await this.client.query({ name: 'beat', text, values: [this.organizationId, this.customerId, beat] });
      this.acknowledged.push(performance.now());
      await sleep(this.intervalMs);
    }
  }
}
