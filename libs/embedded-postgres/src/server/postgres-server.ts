import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlatformBinaries } from '../binaries/platform-binaries.js';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';
import { readPostmasterFile } from './postmaster-file.js';
import { identifyProcess, signalProcess, waitForExit } from './process-identity.js';
import { endServerProcesses, findPostmaster, findServerProcesses } from './server-processes.js';
import { HOST_RULES, renderSettings, type ServerSettings } from './server-settings.js';
import { giveTo, type ServerUser } from './server-user.js';
import { ServerWords } from './server-words.js';

/** `smart` waits for every client to leave, `fast` sends them away, `immediate` is a crash that is recovered from at start. */
export type StopMode = 'smart' | 'fast' | 'immediate';

const SIGNALS = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const;
const READY_LIMIT_MS = 300_000;

/** One PostgreSQL server in one data directory, known by what is on the disk: any process may start it and any may stop it. */
export class PostgresServer {
  constructor(
    readonly dataDirectory: string,
    private readonly binaries: PlatformBinaries,
    private readonly user: ServerUser | null,
  ) {}

  /** The postmaster's process id, or null when the server does not run. */
  get pid(): number | null {
    return findPostmaster(this.dataDirectory)?.pid ?? null;
  }

  isRunning(): boolean {
    return this.pid !== null;
  }

  /** Writes the configuration the next start (or `reload`) goes by. */
  configure(settings: ServerSettings): void {
    this.writeOwn('pg_hba.conf', HOST_RULES);
    this.writeOwn('postgresql.conf', renderSettings(settings));
  }

  /** Has a running server read its configuration again. */
  reload(): void {
    const postmaster = findPostmaster(this.dataDirectory);
    if (postmaster !== null) signalProcess(postmaster, 'SIGHUP');
  }

  /**
   * Starts the server and resolves once it accepts connections; recovery after a crash may take its time. Does nothing when it
   * runs already. Leftovers of a killed server are ended first. Throws `port_taken` or `start_failed` with the server's own words,
   * and the signal's reason when that is aborted: then stop the server, which may be half way.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.isRunning()) return;
    signal?.throwIfAborted();
    if (findServerProcesses(this.dataDirectory).length > 0) await endServerProcesses(this.dataDirectory);
    // PostgreSQL believes a stale file whose process id is taken: by another program, or by a zombie nobody collects.
    rmSync(join(this.dataDirectory, 'postmaster.pid'), { force: true });
    const words = new ServerWords(this.dataDirectory);
    const child = this.spawn(words.output);
    const ended = new Promise<Error | null>((resolve) => {
      child.once('error', resolve);
      child.once('exit', () => resolve(null));
    });
    child.unref();
    try {
      await this.waitUntilReady(child.pid, ended, words, signal);
    } catch (error) {
      await endStarting(child.pid);
      throw error;
    }
  }

  /**
   * Stops the server; returns at once when it does not run. One that does not end in time is stopped harder, so that it has ended
   * within about `limitMs` whatever state it is in; what that leaves undone is recovered at the next start.
   */
  async stop(mode: StopMode = 'fast', limitMs = 10_000): Promise<void> {
    const postmaster = findPostmaster(this.dataDirectory);
    if (postmaster === null) return;
    signalProcess(postmaster, SIGNALS[mode]);
    if (await waitForExit(postmaster, Math.max(limitMs - 1_000, limitMs / 2))) return;
    signalProcess(postmaster, 'SIGQUIT');
    if (await waitForExit(postmaster, 700)) return;
    signalProcess(postmaster, 'SIGKILL');
    await endServerProcesses(this.dataDirectory);
  }

  private spawn(words: string): ChildProcess {
    const output = openSync(words, 'w', 0o600);
    giveTo(words, this.user);
    try {
      return spawn(this.binaries.postgres, ['-D', this.dataDirectory], {
        cwd: this.dataDirectory,
        env: serverEnvironment(this.dataDirectory),
        stdio: ['ignore', output, output],
        // In a session of its own: a terminal's Ctrl-C must not stop the database under the application.
        detached: true,
        ...(this.user && { uid: this.user.uid, gid: this.user.gid }),
      });
    } finally {
      closeSync(output);
    }
  }

  private async waitUntilReady(
    pid: number | undefined,
    ended: Promise<Error | null>,
    words: ServerWords,
    signal?: AbortSignal,
  ): Promise<void> {
    let failure: Error | null | undefined;
    void ended.then((error) => {
      failure = error;
    });
    const deadline = performance.now() + READY_LIMIT_MS;
    while (performance.now() < deadline) {
      const file = readPostmasterFile(this.dataDirectory);
      if (file?.pid === pid && file?.ready) return;
      signal?.throwIfAborted();
      if (failure !== undefined) throw this.startError(failure?.message ?? words.lastComplaint(), failure);
      await sleep(15);
    }
    throw this.startError(`it was not ready within ${READY_LIMIT_MS / 1000} s`, null);
  }

  private startError(said: string, cause: Error | null): EmbeddedPostgresError {
    const taken = /address already in use|could not create any TCP\/IP sockets/i.test(said);
    return new EmbeddedPostgresError(
      taken ? 'port_taken' : 'start_failed',
      `PostgreSQL in ${this.dataDirectory} did not start: ${said}`,
      { cause },
    );
  }

  private writeOwn(name: string, text: string): void {
    const path = join(this.dataDirectory, name);
    writeFileSync(path, text, { mode: 0o600 });
    giveTo(path, this.user);
  }
}

/** Nothing of the caller's environment: neither its locale nor PG… variables reach the server. */
export function serverEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, LC_ALL: 'C', TZ: 'UTC' };
}

/** Ends a server that may not have got as far as to write down its process id. */
async function endStarting(pid: number | undefined): Promise<void> {
  const postmaster = pid === undefined ? null : identifyProcess(pid);
  if (postmaster === null) return;
  signalProcess(postmaster, 'SIGINT');
  if (await waitForExit(postmaster, 1_500)) return;
  signalProcess(postmaster, 'SIGKILL');
  await waitForExit(postmaster, 1_000);
}
