import { setTimeout as sleep } from 'node:timers/promises';
import { runInContext } from '@app/logging';
import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { parseToken } from '../positions/consistency-token.js';
import { parseLsn } from '../positions/lsn.js';
import { ReadRouter } from '../routing/read-router.service.js';
import { requestReads } from '../routing/request-reads.js';
import { PrimaryDatabase } from '../servers/primary-database.service.js';
import { TransactionRunner } from './transaction-runner.service.js';

const WRITE = 'INSERT INTO notes VALUES ($1)';

describe('transactions', () => {
  let database: TestDatabase;
  let context: INestApplicationContext;
  let primary: PrimaryDatabase;
  let router: ReadRouter;
  let transactions: TransactionRunner;

  beforeAll(async () => {
    database = await createJobDatabase();
    context = await openLibraries(database, [], { PRIMARY_POOL_MAX: '4' });
    [primary, router, transactions] = [
      context.get(PrimaryDatabase),
      context.get(ReadRouter),
      context.get(TransactionRunner),
    ];
    await primary.query('CREATE TABLE notes (text text PRIMARY KEY)');
  });
  beforeEach(async () => {
    await primary.query('TRUNCATE notes');
  });
  afterAll(async () => {
    await context?.close();
    await database?.drop();
  });

  const write = (text: string) => primary.query('INSERT INTO notes VALUES ($1)', [text]);
  const notes = async () =>
    (await primary.query<{ text: string }>('SELECT text FROM notes ORDER BY text')).map((row) => row.text);
  const transactionId = async () =>
    (await primary.query<{ id: string }>('SELECT pg_current_xact_id()::text AS id'))[0]?.id;

  test('commit what every part of them wrote, statements and entity managers alike', async () => {
    await transactions.run(async (manager) => {
      await write('a');
      await manager.query(`INSERT INTO notes VALUES ('b')`);
    });

    expect(await notes()).toEqual(['a', 'b']);
  });

  test('roll everything back when anything throws, and pass the error on as it is', async () => {
    const failure = new Error('stop');
    const attempt = transactions.run(async () => {
      await write('a');
      throw failure;
    });

    await expect(attempt).rejects.toBe(failure);
    expect(await notes()).toEqual([]);
  });

  test('are joined by those started inside them: one commit, one rollback', async () => {
    const ids: (string | undefined)[] = [];
    const attempt = transactions.run(async () => {
      ids.push(await transactionId());
      await transactions.run(async () => {
        ids.push(await transactionId());
        await write('inner');
      });
      throw new Error('the outer one fails after the inner one has ended');
    });

    await expect(attempt).rejects.toThrow('outer');
    expect(ids[0]).toBe(ids[1]);
    expect(await notes()).toEqual([]);
  });

  test('that are joined and fail inside fail as a whole, even where their caller goes on', async () => {
    const attempt = transactions.run(async () => {
      await write('outer');
      await transactions.run(() => primary.query('SELECT 1 / 0')).catch(() => undefined);
      return 'went on';
    });

    await expect(attempt).rejects.toThrow('Nothing was committed');
    expect(await notes()).toEqual([]);
  });

  test('whose last statement failed unheard throw: PostgreSQL answers such a COMMIT by rolling back', async () => {
    const attempt = transactions.run(async () => {
      await write('a');
      await write('a').catch(() => undefined);
    });

    await expect(attempt).rejects.toThrow('Nothing was committed');
    expect(await notes()).toEqual([]);
    await transactions.run(() => write('a'));
    expect(await notes()).toEqual(['a']);
  });

  test('that a constraint refuses only at COMMIT tell that refusal', async () => {
    await primary.query('CREATE TABLE later (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)');
    const attempt = transactions.run(async () => {
      await primary.query('INSERT INTO later VALUES (1), (1)');
      await write('a');
    });

    await expect(attempt).rejects.toMatchObject({ code: '23505' });
    expect(await notes()).toEqual([]);
    expect(await transactions.run(() => primary.query('SELECT n FROM later'))).toEqual([]);
  });

  test('keep several statements at once in order and together', async () => {
    await transactions.run(async () => {
      await Promise.all(Array.from({ length: 20 }, (_, n) => write(`note ${n}`)));
    });
    const attempt = transactions.run(async () => {
      await Promise.all([write('b'), primary.query('SELECT 1 / 0'), write('c')]);
    });

    await expect(attempt).rejects.toMatchObject({ code: '22012' });
    expect(await notes()).toHaveLength(20);
  });

  test('leave nothing open, neither after a commit nor after a rollback', async () => {
    for (let round = 0; round < 6; round++) {
      await transactions.run(() => write(`round ${round}`));
      await transactions.run(() => Promise.reject(new Error('stop'))).catch(() => undefined);
    }

    const open = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`;
    expect(await primary.query(open)).toEqual([]);
  });

  test('run side by side without seeing or ending each other', async () => {
    const begun = gate();
    const mayEnd = gate();
    const slow = transactions.run(async () => {
      await write('slow');
      begun.resolve();
      await mayEnd.promise;
      throw new Error('slow fails');
    });
    await begun.promise;
    await transactions.run(async () => {
      expect(await notes()).toEqual([]);
      await write('quick');
    });
    mayEnd.resolve();

    await expect(slow).rejects.toThrow('slow fails');
    expect(await notes()).toEqual(['quick']);
  });

  test('are not joined by what their caller does outside of them', async () => {
    await transactions.run(async () => {
      await write('inside');
    });

    expect(await transactionId()).not.toBe(await transactionId());
  });

  describe('and the position after them', () => {
    /** Runs `fn` as one request and gives the token that its answer would carry. */
    const tokenOf = (fn: () => Promise<unknown>) =>
      runInContext({ requestId: 'test' }, async () => {
        await fn();
        return requestReads()?.answerToken;
      });
    const lsnOf = (token: string | undefined) => parseToken(token ?? '').lsn;

    test('lie at or beyond the commit, where one taken inside would lie before', async () => {
      let before = 0n;
      const token = await tokenOf(() =>
        transactions.run(async () => {
          await primary.write(1, 'INSERT INTO notes VALUES ($1)', ['a']);
          const [row] = await primary.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn()::text AS lsn');
          before = parseLsn(row?.lsn ?? '');
        }),
      );
      expect(lsnOf(token)).toBeGreaterThan(before);
    });

    test('are enough for a follower to show all that was committed', async () => {
      const follower = new pg.Client({ connectionString: database.followerUrl });
      await follower.connect();
      try {
        for (let round = 0; round < 30; round++) {
          const text = `round ${round}`;
          const token = await tokenOf(() => transactions.run(() => primary.write(1, WRITE, [text])));
          const reached = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS reached';
          while (!(await follower.query(reached, [token?.split('.').at(-1)])).rows[0].reached) await sleep(1);
          expect((await follower.query('SELECT FROM notes WHERE text = $1', [text])).rowCount).toBe(1);
        }
      } finally {
        await follower.end();
      }
    });

    test('are those of the outermost, once', async () => {
      const token = await tokenOf(() =>
        transactions.run(async () => {
          await transactions.run(() => primary.write(1, WRITE, ['inner']));
          expect(requestReads()?.answerToken).toBeUndefined();
          await primary.write(2, WRITE, ['outer']);
        }),
      );
      expect(lsnOf(token)).toBeGreaterThan(0n);
    });

    test('are not told where nothing was committed', async () => {
      const failing = () =>
        transactions.run(async () => {
          await primary.write(1, WRITE, ['a']);
          throw new Error('stop');
        });
      expect(await tokenOf(() => failing().catch(() => undefined))).toBeUndefined();
    });

    test('are told of single statements, too, and only of those that write', async () => {
      expect(lsnOf(await tokenOf(() => primary.write(1, WRITE, ['a'])))).toBeGreaterThan(0n);
      expect(await tokenOf(() => primary.query('SELECT 1'))).toBeUndefined();
    });
  });

  test('keep routed reads on their own connection, so that they see what was just written', async () => {
    const seen = await transactions.run(async () => {
      await write('a');
      return router.read({ preference: 'follower-only' }, (session) => session.query('SELECT FROM notes'));
    });

    expect(seen).toHaveLength(1);
  });

  test('give their connection back however they end', async () => {
    const failing = () => transactions.run(async () => primary.query('SELECT 1 / 0')).catch(() => undefined);
    for (let round = 0; round < 12; round++) await failing();

    await transactions.run(() => write('still connections left'));
    expect(await notes()).toHaveLength(1);
  });

  test('say that the primary is unavailable when their connection is cut', async () => {
    const attempt = transactions.run(async () => {
      await write('a');
      await primary.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });

    await expect(attempt).rejects.toMatchObject({ code: 'primary_unavailable' });
    expect(await notes()).toEqual([]);
  });
});

/** A promise that somebody else resolves. */
function gate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}
