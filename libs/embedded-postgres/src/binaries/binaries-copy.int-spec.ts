import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestDirectory, removeTestDirectory } from '../../../../test/support/throw-away-cluster.js';
import { copyBinaries } from './binaries-copy.js';
import { linkLibraries } from './library-links.js';
import { findPlatformBinaries } from './platform-binaries.js';

describe('the binaries', () => {
  let directory: string;
  let native: string;
  beforeAll(async () => {
    directory = makeTestDirectory();
    native = join(directory, 'package', 'native');
    mkdirSync(native, { recursive: true });
    cpSync((await findPlatformBinaries(null)).directory, native, { recursive: true, verbatimSymlinks: true });
    for (const name of readdirSync(join(native, 'lib'))) {
      const path = join(native, 'lib', name);
      if (lstatSync(path).isSymbolicLink()) rmSync(path);
    }
    for (const name of ['bin/postgres', 'bin/initdb', 'lib']) chmodSync(join(native, name), 0o700);
  });
  afterAll(() => removeTestDirectory(directory));

  it('get the links that the install script of their package would have made', () => {
    expect(linkLibraries(native)).toBe(true);
    expect(linkLibraries(native)).toBe(true);
    expect(version(native)).toMatch(/PostgreSQL\) 18\./);
  });

  it('are copied whole, once, to where every account can run them', async () => {
    const copies = await Promise.all([1, 2].map(() => copyBinaries(native, 'test', null, [join(directory, 'cache')])));
    expect(new Set(copies).size).toBe(1);
    const copy = copies[0] ?? '';
    expect(version(copy)).toMatch(/PostgreSQL\) 18\./);
    expect(statSync(join(copy, 'bin', 'postgres')).mode & 0o005).toBe(0o005);
    expect(readdirSync(join(directory, 'cache'))).toEqual(['postgresql-test']);
  });

  it('leave no copy that was broken off', async () => {
    const left = join(directory, 'cache', 'postgresql-other.part-999999999');
    mkdirSync(left, { recursive: true });
    await copyBinaries(native, 'other', null, [join(directory, 'cache')]);
    expect(existsSync(left)).toBe(false);
  });

  it('are not taken from a directory that somebody else can write', async () => {
    const open = join(directory, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    await expect(copyBinaries(native, 'test', null, [open])).rejects.toThrow('belongs to somebody else');
  });
});

function version(native: string): string {
  return execFileSync(join(native, 'bin', 'postgres'), ['--version'], { encoding: 'utf8', env: {} });
}
