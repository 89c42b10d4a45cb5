import type { OutgoingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiProcess } from '../support/api-process.js';

/** One read of the analytics, as a client saw it. */
export interface Read {
  /** `performance.now()` of the moment the answer was there. */
  at: number;
  ms: number;
  /** 0 where there was no answer at all. */
  status: number;
  /** Target and reason, as in `follower ok`. */
  route: string;
  /** The answer, without the moment that it is of. */
  text: string;
}

const PAUSE_MS = 25;

/** Clients that read the analytics again and again, whatever happens, until they are stopped. */
export class Readers {
  readonly reads: Read[] = [];
  private isStopped = false;
  private readonly running: Promise<void>[];

  constructor(
    call: ApiProcess['call'],
    count: number,
    paths = ['/api/analytics', '/api/analytics/customers/1'],
    private readonly headers: OutgoingHttpHeaders = {},
  ) {
    this.running = Array.from({ length: count }, (_, index) => this.run(call, paths[index % paths.length] ?? ''));
  }

  /** Resolves with all reads once the last answers are there. */
  async stop(): Promise<Read[]> {
    this.isStopped = true;
    await Promise.all(this.running);
    return this.reads;
  }

  /** Resolves once there were so many reads. */
  async until(reads: number): Promise<void> {
    while (this.reads.length < reads) await sleep(PAUSE_MS);
  }

  /** Those that were asked for after this moment. */
  since(moment: number): Read[] {
    return this.reads.filter(({ at, ms }) => at - ms > moment);
  }

  private async run(call: ApiProcess['call'], path: string): Promise<void> {
    while (!this.isStopped) {
      const startedAt = performance.now();
      const outcome = await call('GET', path, { headers: this.headers }).then(
        ({ status, headers, text }) => ({
          status,
          // The moment of an answer is its own; everything else must be the same whoever answers.
          text: text.replace(/"as_of":"[^"]*"/, '"as_of":""'),
          route: `${headers['x-db-route']} ${headers['x-db-route-reason']}`,
        }),
        (error: Error) => ({ status: 0, text: error.message, route: 'none' }),
      );
      const at = performance.now();
      this.reads.push({ at, ms: at - startedAt, ...outcome });
      await sleep(PAUSE_MS);
    }
  }
}

export function failuresOf(reads: Read[]): string[] {
  return reads.filter(({ status }) => status !== 200).map(({ status, text }) => `${status} ${text}`);
}

/** The routes of the reads, each once, in order of their names. */
export function routesOf(reads: Read[]): string[] {
  return [...new Set(reads.map(({ route }) => route))].sort();
}

/** Routes that are there and were not to be expected. */
export function routesBut(reads: Read[], allowed: string[]): string[] {
  return routesOf(reads).filter((route) => !allowed.includes(route));
}
