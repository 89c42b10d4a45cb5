import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../test/migrations/go-database.js';
import { eventually } from '../../../../test/support/eventually.js';
import { type TestDatabase, untilFollowerCaughtUp } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { parseLsn } from '../positions/lsn.js';
import { PrimaryDatabase } from '../servers/primary-database.service.js';
import { TransactionRunner } from '../transactions/transaction-runner.service.js';
import { Followers } from './followers.service.js';
import type { ReadOptions } from './read-options.js';
import { ReadRouter } from './read-router.service.js';
import type { ReadSession } from './read-session.js';
import { demandOfReads, type RequestReads, requestReads } from './request-reads.js';

/** Fails with an SQLSTATE where a follower runs it, and says `fine` on a primary. */
const FAIL_ON_FOLLOWER = `CREATE FUNCTION fail_on_follower(code text) RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    IF pg_is_in_recovery() THEN RAISE EXCEPTION 'made to fail' USING ERRCODE = code; END IF;
    RETURN 'fine';
  END $$`;
const WHERE = 'SELECT pg_is_in_recovery() AS "isFollower"';

let database: TestDatabase;
let context: INestApplicationContext;
let router: ReadRouter;
let primary: PrimaryDatabase;
let transactions: TransactionRunner;

beforeAll(async () => {
  database = await createJobDatabase();
  await rowsOf(database.primaryUrl, 'CREATE TABLE notes (text text PRIMARY KEY)');
  await rowsOf(database.primaryUrl, FAIL_ON_FOLLOWER);
  await untilFollowerCaughtUp(database);
  context = await openLibraries(database, [], { ANALYTICS_DB_URL: database.followerUrl });
  [router, primary, transactions] = [
    context.get(ReadRouter),
    context.get(PrimaryDatabase),
    context.get(TransactionRunner),
  ];
});
const untilFollowerServes = () =>
  eventually(() => {
    const [follower] = context.get(Followers).all;
    expect(follower?.state).toBe('healthy');
    // The first sample of the primary may lie ahead of what the follower has replayed.
    expect(follower?.containsUntil).toBeDefined();
    expect(follower?.isSchemaBehind).toBe(false);
  });
beforeEach(untilFollowerServes);
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

/** Reads as one request that sends these headers; gives what became of it, with how often the function ran. */
async function read(
  options: ReadOptions,
  fn: (session: ReadSession) => Promise<unknown>,
  { token, preference }: { token?: string; preference?: string } = {},
) {
  return runInContext({ requestId: 'test' }, async () => {
    demandOfReads(token, preference);
    let runs = 0;
    const outcome = await router
      .read(options, (session) => {
        runs += 1;
        return fn(session);
      })
      .then(
        (result) => ({ result, error: undefined }),
        (error: unknown) => ({ result: undefined, error }),
      );
    const { served, answerToken, isReset } = requestReads() as RequestReads;
    return { ...outcome, runs, served, answerToken, isReset };
  });
}

const query = (text: string, values?: unknown[]) => (session: ReadSession) => session.query<object>(text, values);
const PREFERRED: ReadOptions = { preference: 'follower-preferred' };
const WAYS: [string, ReadOptions, string?][] = [
  ['the primary', { preference: 'primary' }],
  ['the primary as a stand-in for the follower', PREFERRED, 'primary'],
  ['the follower', PREFERRED],
  ['the follower alone', { preference: 'follower-only' }],
];

describe('a read', () => {
  test.each(WAYS)('that prefers %s is answered there', async (_case, options, preference) => {
    const isPrimary = options.preference === 'primary' || preference !== undefined;
    const { result, served, runs } = await read(options, query(WHERE), { preference });
    expect(result).toEqual([{ isFollower: !isPrimary }]);
    expect(served).toMatchObject(
      isPrimary ? { target: 'primary', reason: 'preference' } : { target: 'follower', reason: 'ok' },
    );
    expect(runs).toBe(1);
  });

  test.each(WAYS)('on %s carries the position that it has seen', async (_case, options, preference) => {
    const [{ lsn } = { lsn: '' }] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_flush_lsn() AS lsn');
    await untilFollowerCaughtUp(database);
    const { answerToken } = await read(options, query('SELECT 1'), { preference });
    expect(parseLsn(answerToken?.split('.').at(-1) ?? '0/0')).toBeGreaterThanOrEqual(parseLsn(lsn));
  });

  test.each(WAYS)('on %s sees one moment where it asks for that', async (_case, options, preference) => {
    const isolation = query(`SELECT current_setting('transaction_isolation') AS isolation, now()::text AS began`);
    const both = async (session: ReadSession) => [await isolation(session), await isolation(session)];
    const { result, answerToken } = await read({ ...options, isSnapshot: true }, both, { preference });
    const [first, second] = result as [{ isolation: string }[], unknown];
    expect(first[0]?.isolation).toBe('repeatable read');
    expect(second).toEqual(first);
    expect(answerToken).toMatch(/^v1\./);
  });
});

describe('a write inside a read', () => {
  test.each(WAYS)(
    'fails on %s and is not replayed, neither alone nor in a snapshot',
    async (_case, options, preference) => {
      const insert = query(`INSERT INTO notes VALUES ('written by a read')`);
      for (const isSnapshot of [false, true]) {
        const { error, runs } = await read({ ...options, isSnapshot }, insert, { preference });
        expect(error).toMatchObject({ code: '25006' });
        expect(runs).toBe(1);
      }
      expect(await primary.query('SELECT FROM notes')).toHaveLength(0);
    },
  );

  test('leaves no mark on the server that it was tried on', async () => {
    await read(PREFERRED, query(`INSERT INTO notes VALUES ('x')`));
    expect(context.get(Followers).state).toBe('healthy');
    expect((await read(PREFERRED, query(WHERE))).served?.reason).toBe('ok');
  });
});

describe('a read that fails on the follower', () => {
  const failing = (code: string) => query('SELECT fail_on_follower($1) AS word', [code]);

  test.each([
    ...['57P01', '57P02', '57P03', '53300', '08006'].map((code) => [code, 'retry']),
    ...['40001', '40P01'].map((code) => [code, 'conflict-retry']),
    ...['42P01', '42703', '42883'].map((code) => [code, 'schema-behind']),
  ])('with %s is asked once more, of the primary: %s', async (code, reason) => {
    for (const isSnapshot of [false, true]) {
      await untilFollowerServes();
      const { result, served, runs } = await read({ ...PREFERRED, isSnapshot }, failing(code ?? ''));
      expect(result).toEqual([{ word: 'fine' }]);
      expect(served).toMatchObject({ target: 'primary', reason });
      expect(runs).toBe(2);
    }
  });

  test('because its connection is cut is asked once more, of the primary', async () => {
    const cut =
      'SELECT CASE WHEN pg_is_in_recovery() THEN pg_terminate_backend(pg_backend_pid()) END IS NULL AS "isFine"';
    const { result, served, runs } = await read(PREFERRED, query(cut));
    expect(result).toEqual([{ isFine: true }]);
    expect([served?.reason, runs]).toEqual(['retry', 2]);
  });

  test('with a statement that took too long says so, as the primary does', async () => {
    const { error } = await read(PREFERRED, failing('57014'));
    expect(error).toMatchObject({ code: 'statement_timeout', retryAfterSeconds: 5 });
  });

  test.each(['22012', '23505', 'P0001'])('with %s fails as it is', async (code) => {
    const { error, runs } = await read(PREFERRED, failing(code));
    expect(error).toMatchObject({ code });
    expect(runs).toBe(1);
  });

  test('is not asked again where the client wants no other server, which can be tried again in a second', async () => {
    for (const way of [{ options: PREFERRED, preference: 'follower-only' }, { options: WAYS[3]?.[1] as ReadOptions }]) {
      const { error, runs } = await read(way.options, failing('40001'), { preference: way.preference });
      expect(error).toMatchObject({ code: 'follower_unavailable', retryAfterSeconds: 1 });
      expect(runs).toBe(1);
    }
  });

  test('with an error that is no database’s fails as it is', async () => {
    const failure = new Error('a bug of ours');
    for (const isSnapshot of [false, true]) {
      const { error, runs } = await read({ ...PREFERRED, isSnapshot }, () => Promise.reject(failure));
      expect(error).toBe(failure);
      expect(runs).toBe(1);
    }
  });
});

describe('reads inside a transaction', () => {
  test.each(WAYS)('stay there, even if they prefer %s', async (_case, options, preference) => {
    const seen = await transactions.run(async () => {
      await primary.query(`INSERT INTO notes VALUES ('not committed')`);
      const outcomes = [];
      for (const isSnapshot of [false, true]) {
        outcomes.push(await read({ ...options, isSnapshot }, query('SELECT text FROM notes'), { preference }));
      }
      await primary.query('DELETE FROM notes');
      return outcomes;
    });
    for (const { result, served, answerToken } of seen) {
      expect(result).toEqual([{ text: 'not committed' }]);
      expect(served).toMatchObject({ target: 'primary', reason: 'transaction' });
      expect(answerToken).toBeUndefined();
    }
  });
});

describe('what a client has seen', () => {
  const tokenNow = async () => (await read({ preference: 'primary' }, query('SELECT 1'))).answerToken ?? '';
  const changed = (token: string, part: number, to: string) => token.split('.').with(part, to).join('.');

  test('is in the answer, written a moment before, wherever that comes from', async () => {
    for (let round = 0; round < 30; round += 1) {
      const text = `round ${round}`;
      const token = await runInContext({ requestId: 'test' }, async () => {
        await primary.write(7, 'INSERT INTO notes VALUES ($1)', [text]);
        return requestReads()?.answerToken;
      });
      const { result, served } = await read(PREFERRED, query('SELECT text FROM notes WHERE text = $1', [text]), {
        token,
      });
      expect(result).toEqual([{ text }]);
      expect(['ok', 'token-ahead']).toContain(served?.reason);
    }
    await primary.query('TRUNCATE notes');
  });

  test('is in the answers of its organization without a token, written through the same process', async () => {
    for (let round = 0; round < 30; round += 1) {
      await primary.write(7, 'INSERT INTO notes VALUES ($1)', [`own ${round}`]);
      const count = query('SELECT count(*)::int AS n FROM notes');
      expect((await read({ ...PREFERRED, organizationId: 7 }, count)).result).toEqual([{ n: round + 1 }]);
    }
    await primary.query('TRUNCATE notes');
  });

  test('comes back as far as it was, when an answer is from before it', async () => {
    const token = await tokenNow();
    const { answerToken } = await read(PREFERRED, query('SELECT 1'), { token });
    expect(parseLsn(answerToken?.split('.').at(-1) ?? '0/0')).toBeGreaterThanOrEqual(
      parseLsn(token.split('.').at(-1) ?? ''),
    );
  });

  test.each([
    ['another timeline', 2, '99'],
    ['another system', 1, '7400000000000000001'],
  ])('of %s counts for nothing, and a fresh token comes with the answer', async (_case, part, to) => {
    const current = await tokenNow();
    const { isReset, answerToken, served } = await read(PREFERRED, query('SELECT 1'), {
      token: changed(changed(current, 3, 'FFFFFFFF/0'), part, to),
    });
    expect([isReset, served?.reason]).toEqual([true, 'ok']);
    expect(answerToken?.split('.').slice(0, 3)).toEqual(current.split('.').slice(0, 3));
  });

  test.each(WAYS)('beyond the log is ignored on %s, in time', async (_case, options, preference) => {
    const token = changed(await tokenNow(), 3, 'FFFFFFFF/0');
    const begin = performance.now();
    const { error, answerToken } = await read(options, query('SELECT 1'), { token, preference });
    expect(error).toBeUndefined();
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(answerToken).not.toBe(token);
  });
});

test('an answer that would be older than asked comes from the primary', async () => {
  const { served } = await read(PREFERRED, query('SELECT 1'), { preference: 'follower-preferred; max-staleness=0' });
  expect(served).toMatchObject({ target: 'primary', reason: 'stale' });
});
