import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { ReadRouter } from '../routing/read-router.service.js';
import { PrimaryDatabase } from '../servers/primary-database.service.js';
import { TransactionRunner } from './transaction-runner.service.js';

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
