import { setTimeout as sleep } from 'node:timers/promises';
import type { RoutingStage } from '../../follower/routing-stage.js';

const READERS = 3;
const PAUSE_MS = 40;
const BEYOND_ALL = '7FFFFFFF/0';

/** Light traffic of every kind that the dashboard shows, for as long as it is not stopped; failures are the alerts' matter. */
export class Clients {
  private isStopped = false;
  private readonly running: Promise<void>[];

  constructor(private readonly stage: Pick<RoutingStage, 'call' | 'customer'>) {
    this.running = [this.write(), ...Array.from({ length: READERS }, () => this.read())];
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running);
  }

  private async read(): Promise<void> {
    while (!this.isStopped) {
      await this.stage.call('GET', '/api/analytics').catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  }

  /** Writes, and reads with the token that it was given. */
  private async write(): Promise<void> {
    const { customer, call } = this.stage;
    const json = { name: customer.name, email: customer.email };
    while (!this.isStopped) {
      const written = await call('PUT', `/api/customers/${customer.id}`, { json }).catch(() => undefined);
      const token = written?.headers['x-consistency-token'];
      if (token)
        await call('GET', '/api/analytics', { headers: { 'x-consistency-token': token } }).catch(() => undefined);
      await sleep(PAUSE_MS * 5);
    }
  }
}

/**
 * Reads with the token of a position that no primary of this history has reached: as if it had lost what was written. All
 * at once, between two scrapes, so that Prometheus never sees the first of them alone.
 */
export async function readBeyondPrimary({ call }: Pick<RoutingStage, 'call'>, times: number): Promise<void> {
  const { headers } = await call('GET', '/api/customers?limit=1');
  const token = String(headers['x-consistency-token']).replace(/[^.]+$/, BEYOND_ALL);
  const reads = Array.from({ length: times }, () =>
    call('GET', '/api/analytics', { headers: { 'x-consistency-token': token } }),
  );
  await Promise.all(reads);
}
