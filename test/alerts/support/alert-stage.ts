import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '@app/embedded-postgres';
import { openRoutingStage, type RoutingStage } from '../../follower/routing-stage.js';
import { startProcess, type TestProcess, waitForHttp } from '../../support/processes.js';
import { readAlertRules } from './alert-rules.js';
import { AlertWatch } from './alert-watch.js';
import { Clients } from './clients.js';
import { DashboardWatch } from './dashboard-watch.js';
import { Promql } from './promql.js';
import { ScrapeHistory } from './scrape-history.js';
import { Scraper } from './scraper.js';

/**
 * A minute of Prometheus's time is a second here: it scrapes every 15 seconds, this stage every quarter of one, and
 * ranges, offsets and `for` of the rules are divided by the same sixty. Thresholds are as they are in the file.
 */
export const TIME_SCALE = 60;
const SCRAPE_INTERVAL_MS = 15_000 / TIME_SCALE;
const QUIET_LIMIT_MS = 25_000;

/** API and worker on a primary and two followers of their own, with light traffic, watched by all alert rules. */
export class AlertStage {
  readonly history = new ScrapeHistory();
  readonly promql = new Promql(this.history, TIME_SCALE);
  readonly alerts = new AlertWatch(readAlertRules(), this.promql, TIME_SCALE);
  readonly dashboard = new DashboardWatch(this.promql);
  private readonly clients: Clients;
  private readonly scraper = new Scraper(this.history, SCRAPE_INTERVAL_MS, (at) => this.evaluate(at));
  private worker: TestProcess | undefined;
  private failure: unknown;
  private lingering: string[] = [];

  private constructor(
    readonly routing: RoutingStage,
    private readonly workerPort: number,
  ) {
    this.clients = new Clients(routing);
  }

  static async open(): Promise<AlertStage> {
    const routing = await openRoutingStage({ followers: 2 });
    const stage = new AlertStage(routing, await findFreePort());
    await stage.startWorker();
    stage.scraper.add('api', routing.api.url);
    stage.scraper.add('worker', stage.workerUrl);
    return stage;
  }

  async startWorker(): Promise<void> {
    const { cluster, followers } = this.routing;
    const environment = {
      DATABASE_URL: cluster.primary.url,
      ANALYTICS_DB_URL: followers.map(({ url }) => url).join(),
      HEALTH_PORT: String(this.workerPort),
    };
    this.worker = startProcess('dist/apps/worker/src/main.js', { environment });
    await waitForHttp(`${this.workerUrl}/health/ready`);
  }

  async stopWorker(): Promise<void> {
    await this.worker?.stop(25_000);
  }

  /** What fires still from the step before may fire in the next one too. */
  beginStep(): void {
    this.lingering = this.alerts.firingNow;
    this.alerts.forget();
  }

  /** Resolves once all of these have fired in this step; throws where another does, but those that may. */
  async untilFiring(names: string[], others: string[] = [], limitMs = 25_000): Promise<void> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      this.expectOnly([...names, ...others]);
      const missing = names.filter((name) => !this.alerts.lately.includes(name));
      if (missing.length === 0) return;
      if (performance.now() > deadline) throw new Error(`Not fired within ${limitMs} ms: ${missing}`);
      await sleep(50);
    }
  }

  /** Resolves once none fires any more. */
  async untilQuiet(): Promise<void> {
    const deadline = performance.now() + QUIET_LIMIT_MS;
    while (this.alerts.firingNow.length > 0) {
      this.rethrow();
      if (performance.now() > deadline) throw new Error(`Still firing: ${this.alerts.firingNow}`);
      await sleep(50);
    }
  }

  /** Throws where any alert has fired in this step that may not. */
  expectOnly(names: string[]): void {
    this.rethrow();
    const wrong = this.alerts.lately.filter((name) => ![...names, ...this.lingering].includes(name));
    if (wrong.length > 0) throw new Error(`Fired and should not have: ${wrong}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.clients.stop(), this.scraper.stop(), this.stopWorker()]);
    await this.routing.close();
  }

  private get workerUrl(): string {
    return `http://127.0.0.1:${this.workerPort}`;
  }

  private evaluate(at: number): void {
    try {
      this.alerts.evaluate(at);
      this.dashboard.look(at);
    } catch (error) {
      this.failure ??= error;
    }
  }

  private rethrow(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
