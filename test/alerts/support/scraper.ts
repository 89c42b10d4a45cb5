import { setTimeout as sleep } from 'node:timers/promises';
import { httpCall } from '../../support/http-call.js';
import { parseExposition } from './exposition.js';
import type { ScrapeHistory } from './scrape-history.js';

/** A process that ended refuses at once; one that is only slow, on a busy machine, is waited for. */
const LIMIT_MS = 5_000;

/** Scrapes real processes at a steady pace until it is stopped; one that does not answer shows nothing, as in Prometheus. */
export class Scraper {
  private isStopped = false;
  private readonly running: Promise<void>[] = [];

  constructor(
    private readonly history: ScrapeHistory,
    private readonly intervalMs: number,
    private readonly onScrape: (at: number) => void,
  ) {}

  add(instance: string, url: string): void {
    this.running.push(this.run(instance, url));
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running);
  }

  private async run(instance: string, url: string): Promise<void> {
    while (!this.isStopped) {
      const pause = sleep(this.intervalMs);
      const samples = await httpCall(url, 'GET', '/metrics', { limitMs: LIMIT_MS }).then(
        ({ status, text }) => (status === 200 ? parseExposition(text) : []),
        () => [],
      );
      const at = performance.now();
      this.history.record(instance, at, samples);
      this.onScrape(at);
      await pause;
    }
  }
}
