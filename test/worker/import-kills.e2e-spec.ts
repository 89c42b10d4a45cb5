import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ImportClient } from './support/import-client.js';
import { JobStack, type RunningWorker } from './support/job-stack.js';

const ROWS = 20_000;
/** Every hundredth line is bad. */
const file = (count = ROWS): string =>
  `name,email\n${Array.from({ length: count }, (_, n) => `Person ${n},${n % 100 === 50 ? 'bad' : `person-${n}@example.com`}\n`).join('')}`;

let stack: JobStack;
let client: ImportClient;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  stack = await JobStack.start('postgres');
  client = await ImportClient.register(stack, 'owner');
});
afterEach(async () => {
  await worker?.process.stop();
  worker = undefined;
  await stack.sql.query('DELETE FROM customers; DELETE FROM jobs');
});
afterAll(() => stack?.stop());

const countOf = async (table: string): Promise<number> =>
  (await stack.sql.query(`SELECT count(*)::int AS count FROM ${table}`)).rows[0].count;

describe('a worker that is killed in the middle of an import', () => {
  test.each([
    ['twice', 2, 'entity=customers'],
    ['once', 1, 'entity=customers&mode=upsert'],
  ])(
    '(%s) has done every good line once when another has ended it, and every bad one is told once',
    async (_often, times, query) => {
      const { body } = await client.send(query, file());
      for (let kills = 0; kills < times; kills += 1) {
        worker = await stack.startWorker();
        const before = await countOf('customers');
        await eventually(async () => expect(await countOf('customers')).toBeGreaterThan(before), 20_000, 5);
        worker.process.child.kill('SIGKILL');
        await worker.process.exited();
      }
      worker = await stack.startWorker();

      const job = await client.user.untilJob(body.id, 'completed', 30_000);

      expect(job.result).toEqual({ rows: ROWS, inserted: ROWS - ROWS / 100, updated: 0, rejected: ROWS / 100 });
      expect(await countOf('customers')).toBe(ROWS - ROWS / 100);
      const rejected = (await client.rejected(body.id)).slice(1).map(([line]) => Number(line));
      expect(rejected).toEqual(Array.from({ length: ROWS / 100 }, (_, n) => n * 100 + 52));
    },
  );

  test('leaves nothing of an atomic one, which lands as a whole when another has ended it', async () => {
    let next = 0;
    const name = () => {
      next += 1;
      return `,good-${next}@example.com\n`;
    };
    const good = file().replaceAll(',bad\n', name);
    const { body } = await client.send('entity=customers&atomic=true', good);
    worker = await stack.startWorker();
    await eventually(async () => expect((await client.user.job(body.id)).progress).toBeGreaterThan(55), 30_000, 5);
    worker.process.child.kill('SIGKILL');
    await worker.process.exited();

    expect([0, ROWS]).toContain(await countOf('customers'));
    worker = await stack.startWorker();

    const job = await client.user.untilJob(body.id, 'completed', 30_000);
    expect(job.result).toEqual({ rows: ROWS, inserted: ROWS, updated: 0, rejected: 0 });
    expect(await countOf('customers')).toBe(ROWS);
  });
});
