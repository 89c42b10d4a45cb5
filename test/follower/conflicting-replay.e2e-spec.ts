import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaultRow } from '../faults/fault-row.js';
import { size, timeLimit } from '../faults/sizes.js';
import { ask } from '../support/questions.js';
import { readMetrics } from './metrics.js';
import { failuresOf, Readers, routesBut, routesOf } from './readers.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

const READERS = 8;
const ENOUGH = 3;
/** A read that takes long enough to be in the way: it counts every account. */
const LONG_READ = '/api/accounts?limit=200&sort=name';
const HEADERS = { 'x-read-preference': 'follower-preferred', prefer: 'count=exact' };

let stage: RoutingStage;
beforeAll(async () => {
  stage = await openRoutingStage();
  // Replay waits for no read: whatever it needs to take away is gone at once.
  await ask(stage.follower.url, "ALTER SYSTEM SET max_standby_streaming_delay = '0'");
  await ask(stage.follower.url, 'SELECT pg_reload_conf()');
  await stage.sql(
    `INSERT INTO accounts (organization_id, customer_id, name, status)
     SELECT organization_id, id, 'Planted ' || i, 'active' FROM customers, generate_series(1, ${size.accountsUnderConflict}) i`,
  );
  await stage.untilCaughtUp();
});
afterAll(() => stage?.close());

/** Each takes something away on the primary that reads of the follower may be using. */
const conflicts: { fault: string; makeOne: () => Promise<unknown> }[] = [
  {
    fault: 'VACUUM',
    makeOne: async () => {
      await stage.sql("UPDATE accounts SET name = name || '' WHERE id % 10 = 0");
      await stage.sql('VACUUM accounts');
    },
  },
  {
    fault: 'DROP',
    makeOne: async () => {
      await stage.sql('CREATE INDEX dropped_soon ON accounts (organization_id, status)');
      await stage.sql('DROP INDEX dropped_soon');
    },
  },
  { fault: 'LOCK', makeOne: () => stage.sql('BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE; COMMIT') },
];

describe('a read that replay ends is asked again of the primary', () => {
  it.for(conflicts)(
    '$fault under long reads',
    { timeout: timeLimit(10 * size.conflictMs) },
    async ({ fault, makeOne }, context) => {
      const row = new FaultRow(context, `${fault} conflicts under long reads`);
      const { text: before, headers } = await stage.call('GET', LONG_READ, { headers: HEADERS });
      expect(Number(headers['x-total-count'])).toBe(size.accountsUnderConflict + 1);
      const retried = async () => (await readMetrics(stage.call)).value('db_route_retry_total', { code: '40001' });
      const retriedBefore = await retried();
      const transitions = async () => (await readMetrics(stage.call)).value('db_follower_transitions_total');
      const transitionsBefore = await transitions();

      const readers = new Readers(stage.call, READERS, [LONG_READ], HEADERS);
      const [until, atLast] = [performance.now() + size.conflictMs, performance.now() + 10 * size.conflictMs];
      while (performance.now() < until || ((await retried()) - retriedBefore < ENOUGH && performance.now() < atLast)) {
        await makeOne();
        await sleep(20);
      }
      const reads = await readers.stop();

      row.none('surfaced', failuresOf(reads));
      row.atLeast('conflicts', (await retried()) - retriedBefore, ENOUGH);
      expect(routesOf(reads)).toContain('follower ok');
      // Replay may end a whole connection, and then its next statement finds it lost.
      expect(routesBut(reads, ['follower ok', 'primary conflict-retry', 'primary retry'])).toEqual([]);
      // A page with its count is two reads, either of which may be retried; the answer tells of the last.
      const shown = reads.filter(({ route }) => route === 'primary conflict-retry').length;
      expect(shown).toBeLessThanOrEqual((await retried()) - retriedBefore);
      expect(new Set(reads.map(({ text }) => text))).toEqual(new Set([before]));
      expect(await transitions()).toBe(transitionsBefore);
    },
  );
});
