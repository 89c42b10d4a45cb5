import type { ApiProcess } from '../../support/api-process.js';
import type { Answer, CallOptions } from '../../support/http-call.js';
import type { AgeOfAnswer } from '../heartbeat-reads.js';

export interface ChaosCall extends CallOptions {
  /** Whether 503 `follower_unavailable` is a right answer: who wants a follower only may be told that there is none. */
  mayBeRefused?: boolean;
}

/** Everything that was seen in a run of chaos, from outside. */
export class ChaosRecord {
  readonly failures: string[] = [];
  readonly missing: string[] = [];
  readonly tooOld: string[] = [];
  readonly unknownBounds: string[] = [];
  readonly routes = new Map<string, number>();
  readonly faults = new Map<string, number>();
  /** Times of writes, by whether a follower was taken away just then. */
  readonly writes: { calm: number[]; fallback: number[] } = { calm: [], fallback: [] };
  requests = 0;
  refused = 0;
  slowestMs = 0;
  ownReads = 0;
  agesKnown = 0;
  /** How many followers are not what they should be at the moment, in words for the failures. */
  readonly present = new Map<string, string>();
  private readonly startedAt = performance.now();

  /** Makes the call; undefined where it failed, which is noted. */
  async call(api: ApiProcess, method: string, path: string, options: ChaosCall): Promise<Answer | undefined> {
    this.requests += 1;
    const asked = `${JSON.stringify(options.headers ?? {})}`;
    try {
      const answer = await api.call(method, path, options);
      this.slowestMs = Math.max(this.slowestMs, answer.ms);
      const route = `${answer.headers['x-db-route']} ${answer.headers['x-db-route-reason']}`;
      if (method === 'GET') this.routes.set(route, (this.routes.get(route) ?? 0) + 1);
      else this.writes[this.present.size === 0 ? 'calm' : 'fallback'].push(answer.ms);
      if (answer.status < 300) return answer;
      const isRefusal = answer.status === 503 && answer.text.includes('"follower_unavailable"');
      if (isRefusal && options.mayBeRefused && answer.headers['retry-after'] === '1') this.refused += 1;
      else this.fail(`${method} ${path} ${asked}: ${answer.status} ${answer.text} ${route}`);
    } catch (error) {
      this.fail(`${method} ${path} ${asked}: ${(error as Error).message}`);
    }
    return undefined;
  }

  age(age: AgeOfAnswer, preference = 'none'): void {
    if (age.fault !== undefined) this.tooOld.push(this.at(`${age.fault} (preference ${preference})`));
    if (age.claimedMs === undefined) this.unknownBounds.push(this.at(`${age.route} (preference ${preference})`));
    else this.agesKnown += 1;
  }

  ownWrite(look: string, answer: Answer, shown: unknown, expected: unknown, hasToken: boolean): void {
    this.ownReads += 1;
    if (shown === expected) return;
    const route = `${answer.headers['x-db-route']} ${answer.headers['x-db-route-reason']}`;
    const who = hasToken ? 'with token' : 'without headers';
    this.missing.push(this.at(`${look} ${who}: ${route} shows ${shown}, not ${expected}`));
  }

  /** Notes something amiss that no call was about. */
  fail(what: string): void {
    this.failures.push(this.at(what));
  }

  private at(what: string): string {
    const seconds = ((performance.now() - this.startedAt) / 1_000).toFixed(1);
    const faults = [...this.present].map(([server, fault]) => `${server}: ${fault}`).join(', ');
    return `${seconds} s [${faults || 'calm'}] ${what}`;
  }
}
