import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess, type TestProcess } from '../support/processes.js';
import { makeTestDirectory, removeTestDirectory } from '../support/throw-away-cluster.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` would go on with: says who it is, and ends. */
const MAIN = `export async function runLocalStack() { console.log('stack runs'); return 0; }`;

/**
 * A checkout like ours in small: the same launcher, one package of its own in place of the registry's, and builds that take as
 * long as `pace` says and count how often they ran.
 */
function makeCheckout(checkout: string): void {
  cpSync(join(ROOT, 'apps/local/launch'), join(checkout, 'apps/local/launch'), { recursive: true });
  cpSync(join(ROOT, 'apps/local/launch.mjs'), join(checkout, 'apps/local/launch.mjs'));
  const write = (path: string, text: string) => {
    mkdirSync(join(checkout, path, '..'), { recursive: true });
    writeFileSync(join(checkout, path), text);
  };
  write('piece/package.json', JSON.stringify({ name: 'piece', version: '1.0.0' }));
  write('libs/one/src/index.ts', 'export const one = 1;');
  write('frontend/src/main.ts', 'export const page = 1;');
  write('pace', '0');
  write(
    'build.mjs',
    `import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
    const [name, product] = process.argv.slice(2);
    appendFileSync('builds', name + ' ');
    await new Promise((resolve) => setTimeout(resolve, Number(readFileSync('pace', 'utf8'))));
    mkdirSync(product.slice(0, product.lastIndexOf('/')), { recursive: true });
    writeFileSync(product, ${JSON.stringify(MAIN)});`,
  );
  write(
    'package.json',
    JSON.stringify({
      name: 'small',
      type: 'module',
      dependencies: { piece: 'file:piece' },
      scripts: {
        'build:server': 'node build.mjs server dist/apps/local/src/main.js',
        'build:frontend': 'node build.mjs frontend frontend/dist/index.html',
        check: 'echo checked && exit 3',
      },
    }),
  );
  write(
    'package-lock.json',
    JSON.stringify({
      name: 'small',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'small', dependencies: { piece: 'file:piece' } },
        'node_modules/piece': { resolved: 'piece', link: true },
        piece: { version: '1.0.0' },
      },
    }),
  );
}

describe('the launcher', () => {
  let home: string;
  let checkout: string;

  const launch = (...words: string[]): TestProcess =>
    startProcess('apps/local/launch.mjs', { arguments: words, directory: checkout, group: true });
  const run = async (...words: string[]) => {
    const process = launch(...words);
    return { code: await process.exited(60_000), output: process.output() };
  };
  const builds = () => {
    const file = join(checkout, 'builds');
    const done = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').sort().join(' ') : '';
    rmSync(file, { force: true });
    return done;
  };

  beforeAll(() => {
    home = makeTestDirectory();
    checkout = join(home, 'checkout');
    makeCheckout(checkout);
  });
  afterAll(() => removeTestDirectory(home));

  it('installs and builds what is missing, and goes on', async () => {
    const { code, output } = await run('start');
    expect(output).toMatch(/Installing packages .*: done[\s\S]*Building the server: done[\s\S]*stack runs/);
    expect(code).toBe(0);
    expect(builds()).toBe('frontend server');
  });

  it('neither installs nor builds again what is there', async () => {
    expect((await run('start')).output).toBe('stack runs\n');
    expect(builds()).toBe('');
  });

  it('builds again only the half whose sources changed; tests are no sources', async () => {
    writeFileSync(join(checkout, 'libs/one/src/index.spec.ts'), 'a test');
    await run('start');
    expect(builds()).toBe('');
    writeFileSync(join(checkout, 'libs/one/src/index.ts'), 'export const one = 2;');
    await run('start');
    expect(builds()).toBe('server');
    writeFileSync(join(checkout, 'frontend/src/main.ts'), 'export const page = 2;');
    await run('start');
    expect(builds()).toBe('frontend');
  });

  it('installs again what was taken away', async () => {
    rmSync(join(checkout, 'node_modules/piece'));
    expect((await run('start')).output).toContain('Installing packages (piece is missing)');
    expect(existsSync(join(checkout, 'node_modules/piece/package.json'))).toBe(true);
  });

  it('ends at once, with 0 and no process left, when it is asked to while it builds', async () => {
    writeFileSync(join(checkout, 'pace'), '30000');
    writeFileSync(join(checkout, 'libs/one/src/index.ts'), 'export const one = 3;');
    const stopped = launch('start');
    await stopped.waitForOutput(/Building the server/);
    await expect.poll(() => existsSync(join(checkout, 'builds'))).toBe(true);
    stopped.child.kill('SIGINT');
    expect(await stopped.exited(10_000)).toBe(0);
    expect(stopped.output()).not.toContain('stack runs');
    builds();
  });

  it('builds anew after it was killed while it built, and ends what that left', async () => {
    const killed = launch('start');
    await expect.poll(() => existsSync(join(checkout, 'builds')), { timeout: 10_000 }).toBe(true);
    killed.child.kill('SIGKILL');
    writeFileSync(join(checkout, 'pace'), '0');
    builds();
    // The output of the killed one ends only when the build it left has ended too.
    const [again] = await Promise.all([run('start'), killed.exited(10_000)]);
    expect(again.output).toContain('stack runs');
    expect(builds()).toBe('server');
  });

  it('waits for another start that builds in the same checkout', async () => {
    writeFileSync(join(checkout, 'pace'), '1500');
    writeFileSync(join(checkout, 'libs/one/src/index.ts'), 'export const one = 4;');
    const first = launch('start');
    await expect.poll(() => existsSync(join(checkout, 'builds')), { timeout: 10_000 }).toBe(true);
    const second = await run('start');
    expect(second.output).toContain('Waiting for another start');
    expect(second.output).toContain('stack runs');
    expect(await first.exited()).toBe(0);
    expect(builds()).toBe('server');
  });

  it('shows what a build that failed has said', async () => {
    writeFileSync(join(checkout, 'pace'), '0');
    writeFileSync(join(checkout, 'libs/one/src/index.ts'), 'export const one = 5;');
    const script = readFileSync(join(checkout, 'build.mjs'), 'utf8');
    writeFileSync(join(checkout, 'build.mjs'), `throw new Error('a type is wrong');`);
    const { code, output } = await run('start');
    writeFileSync(join(checkout, 'build.mjs'), script);
    expect(code).toBe(1);
    expect(output).toContain('npm run build:server failed');
    expect(output).toContain('a type is wrong');
    expect((await run('start')).output).toContain('stack runs');
  });

  it("passes on the check's output and exit code, and says last what was left out without Redis", async () => {
    const without = startProcess('apps/local/launch.mjs', {
      arguments: ['check'],
      directory: checkout,
      environment: { PATH: `${join(process.execPath, '..')}:/bin` },
    });
    expect(await without.exited(30_000)).toBe(3);
    expect(without.output()).toContain('checked');
    const hasRedis = existsSync('/bin/redis-server');
    expect(/To run them too: .*, then npm test again\.\n$/.test(without.output())).toBe(!hasRedis);
  });
});
