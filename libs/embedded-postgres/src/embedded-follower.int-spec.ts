import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, untilSeen } from '../../../test/support/questions.js';
import {
  makeTestDirectory,
  removeTestDirectory,
  THROW_AWAY_SETTINGS as settings,
} from '../../../test/support/throw-away-cluster.js';
import { type EmbeddedCluster, startCluster } from './embedded-cluster.js';

describe('a cluster whose follower cannot go on from where it was', () => {
  let directory: string;
  let cluster: EmbeddedCluster;
  const said: string[] = [];
  const start = async () => {
    cluster = await startCluster({ directory, followers: 1, settings, log: (line) => said.push(line) });
  };

  beforeAll(async () => {
    directory = makeTestDirectory();
    await start();
  });
  afterAll(() => removeTestDirectory(directory));

  it('copies a follower anew, and says so, when the primary no longer has the log it needs', async () => {
    const [follower] = cluster.followers;
    await follower?.stop();
    await ask(cluster.primary.url, `SELECT pg_drop_replication_slot('follower_1')`);
    await ask(cluster.primary.url, `CREATE TABLE note AS SELECT 'log is gone' AS text`);
    await follower?.start();
    expect(said.at(-1)).toContain('Copying follower-1 from the primary');
    await untilSeen(follower?.url ?? '', 'SELECT text FROM note', { text: 'log is gone' });
  });

  it('drops the log of a follower that is away for too long rather than fill the disk, and copies it anew', async () => {
    const [follower] = cluster.followers;
    await follower?.stop();
    await ask(cluster.primary.url, `ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'`);
    await ask(cluster.primary.url, 'SELECT pg_reload_conf()');
    await ask(
      cluster.primary.url,
      'CREATE TABLE filler AS SELECT repeat(i::text, 200) FROM generate_series(1, 40000) i',
    );
    await ask(cluster.primary.url, 'SELECT pg_switch_wal()');
    await ask(cluster.primary.url, 'CHECKPOINT');
    const slot = `SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'follower_1'`;
    await untilSeen(cluster.primary.url, slot, { wal_status: 'lost' });
    await ask(cluster.primary.url, 'ALTER SYSTEM RESET max_slot_wal_keep_size');
    await cluster.stop();
    await start();
    expect(said.at(-1)).toContain('away for too long');
    await untilSeen(cluster.followers[0]?.url ?? '', 'SELECT count(*)::int AS rows FROM filler', { rows: 40000 });
  });

  it('copies a follower anew that was promoted or whose copy was broken off', async () => {
    const [follower] = cluster.followers;
    await ask(follower?.url ?? '', 'SELECT pg_promote()');
    await follower?.stop();
    await follower?.start();
    expect(said.at(-1)).toContain('it was promoted');
    expect(await ask(follower?.url ?? '', 'SELECT pg_is_in_recovery() AS following')).toEqual({ following: true });
  });

  it('copies a follower anew whose data cannot be started from', async () => {
    await cluster.stop();
    rmSync(join(cluster.followers[0]?.dataDirectory ?? '', 'PG_VERSION'));
    await start();
    expect(await ask(cluster.followers[0]?.url ?? '', 'SELECT pg_is_in_recovery() AS following')).toEqual({
      following: true,
    });
  });
});
