import { setTimeout as sleep } from 'node:timers/promises';
import { PrimaryDatabase } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../../../../test/support/test-database.js';
import { createJobDatabase, openLibraries } from '../../../../test/worker/support/job-contexts.js';
import { ImportsModule } from '../imports.module.js';
import { ImportUploads } from './import-uploads.service.js';

const OPTIONS = { entity: 'customers', mode: 'insert', atomic: false, dryRun: false } as const;
const FILE = Buffer.from('name,email\nA,a@example.com\n');

let database: TestDatabase;
let context: INestApplicationContext;
let primary: PrimaryDatabase;

beforeAll(async () => {
  database = await createJobDatabase();
  context = await openLibraries(database, [ImportsModule], { IMPORT_MAX_UPLOADS: '4' });
  primary = context.get(PrimaryDatabase);
  await primary.query(`INSERT INTO organizations (name) VALUES ('A'), ('B'), ('C')`);
});
afterEach(() => primary.query('DELETE FROM imports'));
afterAll(async () => {
  await context?.close();
  await database?.drop();
});

async function* once(bytes = FILE): AsyncGenerator<Buffer> {
  yield bytes;
}
const receive = (source: AsyncIterable<Buffer>, key?: string, organizationId = 1) =>
  context.get(ImportUploads).receive(organizationId, OPTIONS, source, key);
const stored = async () => (await primary.query('SELECT id FROM imports')).length;

describe('an upload', () => {
  test('of line breaks alone is refused within the first 64 KiB', async () => {
    let pieces = 0;
    async function* lineBreaks(): AsyncGenerator<Buffer> {
      for (; pieces < 1_000; pieces += 1) yield Buffer.alloc(16_384, '\n');
    }

    await expect(receive(lineBreaks())).rejects.toMatchObject({
      code: 'validation_failed',
      fields: [{ field: 'file', code: 'line_too_long' }],
    });

    expect(pieces).toBeLessThan(10);
    expect(await stored()).toBe(0);
  });

  test('that is a repeated one is answered, also when its bytes cannot be taken away at once', async () => {
    const first = await receive(once(), 'key');
    await primary.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'; END $$`);
    await primary.query('CREATE TRIGGER refuse BEFORE DELETE ON imports FOR EACH ROW EXECUTE FUNCTION refuse()');

    const second = await receive(once(), 'key').finally(() => primary.query('DROP TRIGGER refuse ON imports'));

    expect(second).toMatchObject({ id: first.id, isReplayed: true });
    // Of the one that is left `purge` takes care.
    expect(await stored()).toBe(2);
  });
});

describe('of slots for uploads', () => {
  test('one organization has half at most, and gets them back', async () => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    async function* trickle(): AsyncGenerator<Buffer> {
      yield FILE;
      await ended;
    }
    const open = [receive(trickle()), receive(trickle())];
    await sleep(50);

    await expect(receive(once())).rejects.toMatchObject({ code: 'import_slots_exhausted', retryAfterSeconds: 5 });
    await receive(once(), undefined, 2);

    end();
    await Promise.all(open);
    await receive(once());
  });
});
