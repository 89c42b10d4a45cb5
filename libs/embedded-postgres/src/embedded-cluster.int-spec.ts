import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, untilSeen } from '../../../test/support/questions.js';
import {
  makeTestDirectory,
  removeTestDirectory,
  THROW_AWAY_SETTINGS as settings,
} from '../../../test/support/throw-away-cluster.js';
import { type EmbeddedCluster, openCluster, startCluster } from './embedded-cluster.js';
import { readPostmasterFile } from './server/postmaster-file.js';
import { signalProcess } from './server/process-identity.js';
import { findServerProcesses } from './server/server-processes.js';

/** Ids of the shared memory segments that servers wrote down, and that still exist (0 of them where nobody lists them). */
function existingSegments(ids: number[]): number[] {
  const list = existsSync('/proc/sysvipc/shm') ? readFileSync('/proc/sysvipc/shm', 'latin1') : '';
  const existing = list.split('\n').map((line) => Number(line.trim().split(/\s+/)[1]));
  return ids.filter((id) => existing.includes(id));
}

describe('a cluster of a primary and a follower', () => {
  let directory: string;
  let cluster: EmbeddedCluster;
  const start = async (followers = 1) => {
    cluster = await startCluster({ directory, followers, settings });
    return cluster;
  };

  beforeAll(async () => {
    directory = makeTestDirectory();
    await start();
  });
  afterAll(() => removeTestDirectory(directory));

  it('speaks UTF-8 and knows the case of letters of every script', async () => {
    const row = await ask(
      cluster.primary.url,
      `SELECT current_setting('server_encoding') AS encoding, 'Ärger' ILIKE 'äRGER' AS german, 'Привет' ILIKE 'пРИВЕТ' AS russian`,
    );
    expect(row).toEqual({ encoding: 'UTF8', german: true, russian: true });
  });

  it('streams to a follower that is in recovery and reads only', async () => {
    await ask(cluster.primary.url, 'CREATE TABLE note (text text)');
    await ask(cluster.primary.url, `INSERT INTO note VALUES ('first')`);
    const follower = cluster.followers[0]?.url ?? '';
    await untilSeen(follower, 'SELECT text, pg_is_in_recovery() FROM note', { text: 'first', pg_is_in_recovery: true });
    await expect(ask(follower, `INSERT INTO note VALUES ('x')`)).rejects.toMatchObject({ code: '25006' });
  });

  it('listens on this machine only and asks for a password', async () => {
    expect(await ask(cluster.primary.url, 'SHOW listen_addresses')).toEqual({ listen_addresses: '127.0.0.1' });
    expect(await ask(cluster.primary.url, 'SHOW unix_socket_directories')).toEqual({ unix_socket_directories: '' });
    const url = new URL(cluster.primary.url);
    url.password = 'wrong';
    await expect(ask(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(cluster.directory, 'credentials.json')).mode & 0o777).toBe(0o600);
  });

  it('does not run as root', () => {
    for (const { pid } of [cluster.primary, ...cluster.followers]) expect(ownerOf(pid)).not.toBe(0);
  });

  it('stops and starts its servers one by one, at the same addresses', async () => {
    const [follower] = cluster.followers;
    const before = follower?.url;
    await follower?.stop('immediate');
    expect(follower?.isRunning()).toBe(false);
    await ask(cluster.primary.url, `UPDATE note SET text = 'while away'`);
    await follower?.start();
    expect(follower?.url).toBe(before);
    await untilSeen(before ?? '', 'SELECT text FROM note', { text: 'while away' });

    await cluster.primary.stop('immediate');
    expect(await ask(before ?? '', 'SELECT text FROM note')).toEqual({ text: 'while away' });
    await cluster.primary.start();
    await ask(cluster.primary.url, `UPDATE note SET text = 'primary back'`);
    await untilSeen(before ?? '', 'SELECT text FROM note', { text: 'primary back' });
  });

  it('lets another process stop and start a server by the directory alone', async () => {
    const other = await openCluster(directory);
    await other.followers[0]?.stop();
    expect(cluster.followers[0]?.isRunning()).toBe(false);
    await other.followers[0]?.start();
    expect(cluster.followers[0]?.pid).toBe(other.followers[0]?.pid);
    await cluster.followers[0]?.stop();
    expect(other.followers[0]?.isRunning()).toBe(false);
    await cluster.followers[0]?.start();
  });

  it('adds a follower while the primary serves', async () => {
    const added = await cluster.addFollower();
    await untilSeen(added.url, 'SELECT text FROM note', { text: 'primary back' });
    expect(cluster.followers).toHaveLength(2);
  });

  it('keeps data and addresses over a stop, and the log of no follower that is gone', async () => {
    const before = cluster.primary.url;
    await cluster.stop();
    expect(findServerProcesses(cluster.primary.dataDirectory)).toEqual([]);
    await start(1);
    expect(cluster.primary.url).toBe(before);
    expect(await ask(before, 'SELECT text FROM note')).toEqual({ text: 'primary back' });
    const slots = await ask(before, 'SELECT array_agg(slot_name::text) AS names FROM pg_replication_slots');
    expect(slots).toEqual({ names: ['follower_1'] });
  });

  it('starts again after every process was killed, and leaves nothing of the killed run', async () => {
    await ask(cluster.primary.url, `UPDATE note SET text = 'before the kill'`);
    const servers = [cluster.primary, ...cluster.followers].map(({ dataDirectory }) => dataDirectory);
    const segments = servers.flatMap((path) => readPostmasterFile(path)?.sharedMemory?.id ?? []);
    expect(segments).toHaveLength(2);
    const running = servers.flatMap(findServerProcesses);
    for (const identity of running) signalProcess(identity, 'SIGKILL');
    const killed = running.map(({ pid }) => pid);
    await start();
    expect(await ask(cluster.primary.url, 'SELECT text FROM note')).toEqual({ text: 'before the kill' });
    const now = servers.flatMap(findServerProcesses).map(({ pid }) => pid);
    expect(now.filter((pid) => killed.includes(pid))).toEqual([]);
    expect(existingSegments(segments)).toEqual([]);
  });

  it('starts again while the servers of a killed run still hold the data', async () => {
    const before = cluster.primary.pid;
    await start();
    expect(cluster.primary.pid).not.toBe(before);
    expect(await ask(cluster.primary.url, 'SELECT text FROM note')).toEqual({ text: 'before the kill' });
  });

  it('starts again after the postmasters alone were killed', async () => {
    for (const { pid } of [cluster.primary, ...cluster.followers]) process.kill(pid ?? 0, 'SIGKILL');
    await start();
    await untilSeen(cluster.followers[0]?.url ?? '', 'SELECT text FROM note', { text: 'before the kill' });
  });

  it('does not take another process that has got the old id for the server', async () => {
    await cluster.stop();
    const other = spawn('sleep', ['60']);
    writeFileSync(join(cluster.primary.dataDirectory, 'postmaster.pid'), `${other.pid}\n`);
    expect(cluster.primary.isRunning()).toBe(false);
    await start();
    expect(cluster.primary.isRunning()).toBe(true);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    other.kill();
  });

  it('takes other ports when those of the last run are taken', async () => {
    const before = [cluster.primary.port, cluster.followers[0]?.port];
    await cluster.stop();
    const squatters = await Promise.all(before.map((port) => squat(port ?? 0)));
    try {
      await start();
      expect(before).not.toContain(cluster.primary.port);
      expect(before).not.toContain(cluster.followers[0]?.port);
      await expect(
        startCluster({ directory: makeInside(directory), followers: 0, port: before[0], settings }),
      ).rejects.toThrow(`Port ${before[0]} is taken.`);
    } finally {
      for (const squatter of squatters) squatter.close();
    }
  });

  it('needs no follower', async () => {
    await cluster.stop();
    await start(0);
    expect(cluster.followers).toEqual([]);
    expect(await ask(cluster.primary.url, 'SELECT text FROM note')).toEqual({ text: 'before the kill' });
  });

  it('is not opened with passwords that were lost', async () => {
    await cluster.stop();
    const file = join(cluster.directory, 'credentials.json');
    const kept = readFileSync(file, 'utf8');
    rmSync(file);
    await expect(start(0)).rejects.toThrow('credentials.json is missing');
    writeFileSync(file, JSON.stringify({ password: 'x', replicationPassword: 'x' }));
    await expect(start(0)).rejects.toThrow('do not take the password');
    writeFileSync(file, kept);
    expect(findServerProcesses(cluster.primary.dataDirectory)).toEqual([]);
  });
});

function ownerOf(pid: number | null): number {
  return existsSync(`/proc/${pid}`) ? statSync(`/proc/${pid}`).uid : -1;
}

function makeInside(directory: string): string {
  const inside = join(directory, 'another');
  mkdirSync(inside, { recursive: true });
  chmodSync(inside, 0o711);
  return inside;
}

function squat(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve) => {
    const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
  });
}
