import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { waitForHttp } from '../support/processes.js';
import { ask } from '../support/questions.js';
import { makeTestDirectory, removeTestDirectory } from '../support/throw-away-cluster.js';
import {
  beginStack,
  hasState,
  type RunningStack,
  readState,
  runFollowerCommand,
  signalGroup,
  startStack,
  survivors,
} from './local-stack.js';

const LIMIT_MS = 10_000;

// Each starts whole stacks; on a machine that is busy otherwise too, that takes its time.
vi.setConfig({ testTimeout: 180_000 });

function signIn(apiUrl: string): Promise<Response> {
  return fetch(`${apiUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'admin123' }),
  });
}

describe('npm start', () => {
  let home: string;
  let directory: string;
  let stack: RunningStack;
  let token: string;

  const listCustomers = () =>
    fetch(`${stack.state.api_url}/api/customers?limit=1`, { headers: { authorization: `Bearer ${token}` } });

  beforeAll(async () => {
    home = makeTestDirectory();
    directory = join(home, 'data');
    stack = await startStack({ directory });
  });

  afterAll(async () => {
    await stack.process.stop(15_000);
    await removeTestDirectory(join(directory, 'postgres'));
    await removeTestDirectory(home);
  });

  it('says where it answers and how to sign in, and that works', async () => {
    expect(stack.process.output()).toContain(stack.state.api_url);
    expect(stack.process.output()).toContain('admin / admin123');
    const answer = await signIn(stack.state.api_url);
    expect(answer.status).toBe(200);
    token = ((await answer.json()) as { token: string }).token;
    expect(await (await listCustomers()).json()).toHaveLength(1);
  });

  it('writes down, for its owner only, where everything is and which processes run', async () => {
    expect(statSync(join(directory, 'state.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(stack.state)).toEqual([
      'api_url',
      'worker_url',
      'primary_url',
      'follower_urls',
      'data_directories',
      'pids',
    ]);
    expect(Object.keys(stack.state.pids)).toEqual(['api', 'worker', 'primary', 'followers']);
    expect(stack.members).toHaveLength(5);
    await waitForHttp(`${stack.state.worker_url}/health/ready`);
    const [url] = stack.state.follower_urls;
    const [primary, follower] = stack.state.data_directories;
    const where = `SELECT current_setting('data_directory') AS place, pg_is_in_recovery() AS following`;
    expect(await ask(stack.state.primary_url, where)).toEqual({ place: primary, following: false });
    expect(await ask(url ?? '', where)).toEqual({ place: follower, following: true });
  });

  it('does not start twice on the same data, and says where the first one answers', async () => {
    const second = await beginStack({ directory });
    expect(await second.exited()).toBe(1);
    expect(second.output()).toContain(`running on ${directory} already, at ${stack.state.api_url}`);
  });

  it('lets its follower be stopped and started, answers meanwhile and leaves it to the user', async () => {
    expect(await runFollowerCommand(directory, 'stop')).toBe('follower 1: stopped');
    expect(readState(directory).pids.followers).toEqual([null]);
    expect(await runFollowerCommand(directory, 'status')).toBe('follower 1: stopped');
    expect((await listCustomers()).status).toBe(200);
    await stack.process.waitForOutput(/The follower 1 has stopped\./);
    expect(await runFollowerCommand(directory, 'start', '1')).toMatch(
      /^follower 1: running \(process \d+, port \d+\)$/,
    );
    expect(readState(directory).pids.followers).toEqual([expect.any(Number)]);
    expect(await runFollowerCommand(directory, 'stop', '2')).toBe('There is no follower 2; this stack has 1.');
  });

  it('lets its follower be drained without stopping it, and says so', async () => {
    const running = String.raw`^follower 1: running \(process \d+, port \d+\)`;
    expect(await runFollowerCommand(directory, 'drain')).toContain('follower-1 is drained');
    expect(await runFollowerCommand(directory, 'status')).toMatch(new RegExp(`${running}, drained$`));
    expect(await runFollowerCommand(directory, 'drain', '2')).toBe('There is no follower 2; there is 1');
    expect(await runFollowerCommand(directory, 'undrain', '1')).toContain('follower-1 is in use again');
    expect(await runFollowerCommand(directory, 'status')).toMatch(new RegExp(`${running}$`));
    expect(await runFollowerCommand(join(home, 'nowhere'), 'drain')).toBe(
      `No local stack is running on ${join(home, 'nowhere')}.`,
    );
  });

  it('starts the API again when that dies, and says so', async () => {
    process.kill(stack.state.pids.api ?? 0, 'SIGKILL');
    await stack.process.waitForOutput(/The API has ended \(SIGKILL\); starting it again/);
    await waitForHttp(`${stack.state.api_url}/health/ready`);
    await expect.poll(() => readState(directory).pids.api).not.toBe(stack.state.pids.api);
    expect((await listCustomers()).status).toBe(200);
  });

  it('ends in order on a Ctrl-C that arrives twice, leaving no process', async () => {
    const members = [...stack.members];
    signalGroup(stack.process, 'SIGINT');
    signalGroup(stack.process, 'SIGINT');
    expect(await stack.process.exited(LIMIT_MS)).toBe(0);
    expect(survivors(members)).toEqual([]);
    expect(hasState(directory)).toBe(false);
  });

  it('goes on where it was, with those who were signed in, and ends in order when npm is asked to', async () => {
    stack = await startStack({ directory, npm: true });
    expect(stack.process.output()).not.toMatch(/Seeding|Making the database|Copying/);
    expect((await listCustomers()).status).toBe(200);
    process.kill(stack.process.pid, 'SIGTERM');
    expect(await stack.process.exited(LIMIT_MS)).toBe(0);
    expect(survivors(stack.members)).toEqual([]);
  });

  it('works again after everything of it was killed', async () => {
    stack = await startStack({ directory });
    const killed = stack.members;
    for (const { pid } of killed) process.kill(pid, 'SIGKILL');
    await stack.process.exited();
    stack = await startStack({ directory });
    expect(survivors(killed)).toEqual([]);
    expect((await listCustomers()).status).toBe(200);
  });

  it('leaves neither API nor worker when it is killed itself, and the next start ends the databases left', async () => {
    const left = stack.members;
    const { api, worker } = stack.state.pids;
    process.kill(stack.process.pid, 'SIGKILL');
    const services = left.filter(({ pid }) => pid === api || pid === worker);
    await expect.poll(() => survivors(services), { timeout: LIMIT_MS }).toEqual([]);
    stack = await startStack({ directory });
    expect(survivors(left)).toEqual([]);
    expect((await listCustomers()).status).toBe(200);
  });

  it('ends at once, and in order, when asked to in the middle of a start', async () => {
    await stack.process.stop();
    const starting = await beginStack({ directory });
    await starting.waitForOutput(/Starting the API/);
    signalGroup(starting, 'SIGTERM');
    expect(await starting.exited(LIMIT_MS)).toBe(0);
    const again = await beginStack({ directory });
    await again.waitForOutput(/Starting PostgreSQL/);
    signalGroup(again, 'SIGINT');
    expect(await again.exited(LIMIT_MS)).toBe(0);
    stack = await startStack({ directory });
    expect((await listCustomers()).status).toBe(200);
  });
});
