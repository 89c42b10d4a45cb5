import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { asDirectoryError, deleteClusters, makeDirectories } from '@app/embedded-postgres';
import { StackError } from './stack-error.js';

/** Everything the local stack ever puts into its directory. */
const OURS = ['state.json', 'run.json', 'jwt-secret', 'seeded', 'migrated', 'log', 'postgres'];

/** The directory given by `--data`: databases, state, secrets and logs of one local stack. */
export class StackDirectory {
  private constructor(readonly path: string) {}

  /** Makes the directory where it is missing. @throws an error of one line when it cannot be written. */
  static prepare(asked: string): StackDirectory {
    return orDirectoryError(asked, () => {
      makeDirectories(asked);
      const directory = new StackDirectory(realpathSync(asked));
      directory.write('.writable', '');
      rmSync(directory.file('.writable'));
      return directory;
    });
  }

  get databases(): string {
    return this.file('postgres');
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string | null {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8') : null;
  }

  /** Whole or not at all, readable by nobody else. */
  write(name: string, text: string): void {
    orDirectoryError(this.path, () => {
      const unfinished = this.file(`${name}.${process.pid}`);
      writeFileSync(unfinished, text, { mode: 0o600 });
      renameSync(unfinished, this.file(name));
    });
  }

  remove(name: string): void {
    rmSync(this.file(name), { recursive: true, force: true });
  }

  /** The secret that signs tokens, made once, so that who is signed in stays so over a restart. */
  signingSecret(): string {
    const kept = this.read('jwt-secret');
    if (kept) return kept;
    const made = randomBytes(48).toString('base64url');
    this.write('jwt-secret', made);
    return made;
  }

  /** An empty file for the output of one service; that of the last run is kept beside it. */
  startLog(service: string): string {
    return orDirectoryError(this.path, () => {
      mkdirSync(this.file('log'), { recursive: true, mode: 0o700 });
      const log = join(this.file('log'), `${service}.log`);
      if (existsSync(log)) renameSync(log, `${log}.1`);
      writeFileSync(log, '', { mode: 0o600 });
      return log;
    });
  }

  /** Deletes the databases and what belongs to them. @throws StackError when the directory holds things of somebody else. */
  async clear(): Promise<void> {
    const foreign = readdirSync(this.path).filter((name) => !OURS.includes(name));
    if (foreign.length > 0) {
      throw new StackError(
        `${this.path} holds things that are not Tandem's (${foreign.slice(0, 3).join(', ')}): --fresh deletes nothing there.`,
      );
    }
    await deleteClusters(this.databases);
    for (const name of ['state.json', 'seeded', 'migrated', 'log']) this.remove(name);
  }
}

function orDirectoryError<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDirectoryError(error, path);
  }
}
