import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultRow, largest } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { eventually } from '../support/eventually.js';
import type { Answer } from '../support/http-call.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { failuresOf, Readers, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const REFUSED_WITHIN_MS = 2_500 * size.patience;
const BACK_WITHIN_MS = 1_000 * size.patience;
const WRITE_EVERY_MS = 100;

let stage: RoutingStage;
beforeAll(async () => {
  stage = await openRoutingStage();
});
afterAll(() => stage?.close());

/** Writes again and again, whatever happens, until told to stop. */
function keepWriting() {
  const answers: (Answer & { askedAt: number })[] = [];
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const askedAt = performance.now();
      const json = { name: 'W', email: `w${askedAt}@example.com` };
      answers.push({ askedAt, ...(await stage.call('POST', '/api/customers', { json })) });
      await sleep(WRITE_EVERY_MS);
    }
  };
  // Two, so that one that waits for an answer does not keep the return from being noticed.
  const running = Promise.all([run(), run()]);
  return {
    /** Resolves once a write is made that was answered after this moment. */
    untilMade: (moment: number) =>
      eventually(() => {
        const made = answers.some(({ askedAt, ms, status }) => status === 201 && askedAt + ms > moment);
        expect(made).toBe(true);
      }, 20_000),
    stop: async () => {
      isStopped = true;
      await running;
      return answers;
    },
  };
}

describe.each([
  ['stopped', () => stage.cluster.primary.stop('fast'), () => stage.cluster.primary.start()],
  ['hung', () => signalServer(stage.cluster.primary, 'SIGSTOP'), async () => resumeServer(stage.cluster.primary)],
])('the primary %s for a while', (how, takeAway, giveBack) => {
  it('fails no read of the follower; writes are refused in time and soon possible again', {
    timeout: timeLimit(size.primaryAwayMs),
  }, async (context) => {
    const row = new FaultRow(context, `primary ${how} for ${size.primaryAwayMs / 1_000} s`);
    const readers = new Readers(stage.call, 6);
    const writing = keepWriting();
    await sleep(500);
    const left = performance.now();
    await takeAway();
    await sleep(size.primaryAwayMs);
    const returning = performance.now();
    await giveBack();
    const returned = performance.now();
    await writing.untilMade(returning);
    const [reads, writes] = [await readers.stop(), await writing.stop()];
    const away = writes.filter(({ askedAt, ms }) => askedAt > left + 500 && askedAt + ms < returning);
    const refused = writes.filter(({ status }) => status !== 201);
    const wrong = refused.filter(({ status, text, headers }) => {
      return status !== 503 || !text.includes('"primary_unavailable"') || headers['retry-after'] === undefined;
    });
    const made = writes.filter(({ askedAt, ms, status }) => status === 201 && askedAt + ms > returning);
    const firstBack = Math.min(...made.map(({ askedAt, ms }) => askedAt + ms)) - returned;
    row.none('failed reads of the follower', failuresOf(reads));
    row.none(
      'writes neither made nor 503 with Retry-After',
      wrong.map(({ status, text }) => `${status} ${text}`),
    );
    row.atMost('slowest refusal', largest(refused.map(({ ms }) => ms)), REFUSED_WITHIN_MS, 'ms');
    row.atMost('first write after its return', Math.max(0, firstBack), BACK_WITHIN_MS, 'ms');
    expect(away.length).toBeGreaterThan(5);
    expect(away.every(({ status }) => status === 503)).toBe(true);
    expect(routesOf(readers.since(left + 1_500).filter(({ at }) => at < returning))).toEqual(['follower ok']);
  });
});
