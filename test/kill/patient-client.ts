import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type CallOptions, httpCall } from '../support/http-call.js';

const PAUSE_MS = 100;
const PATIENCE_MS = 90_000;
/** Longer than any outage, shorter than what a call may hang on one that dies. */
const CALL_LIMIT_MS = 8_000;

/** One signed-in client of an API that is killed and comes back. */
export class PatientClient {
  constructor(
    private readonly apiUrl: string,
    private readonly token: string,
  ) {}

  /** One try; undefined where nobody can tell whether it was done: no answer, or one of 5xx. */
  async attempt(method: string, path: string, options: CallOptions = {}): Promise<Answer | undefined> {
    const call = { token: this.token, limitMs: CALL_LIMIT_MS, ...options };
    const answer = await httpCall(this.apiUrl, method, path, call).catch(() => undefined);
    return answer === undefined || answer.status >= 500 ? undefined : answer;
  }

  /** Tries until there is an answer: for reads, and for what an idempotency key makes safe to repeat. */
  async insist(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.attempt(method, path, options);
      if (answer !== undefined) return answer;
      if (performance.now() > deadline) throw new Error(`${method} ${path} was never answered`);
      await sleep(PAUSE_MS);
    }
  }
}
