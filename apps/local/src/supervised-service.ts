import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifyProcess, type ProcessIdentity } from '@app/embedded-postgres';
import { StackError } from './stack-error.js';

/** What a service is and what it is started with. */
export interface ServiceOptions {
  /** As it is called in sentences: `API`, `worker`. */
  title: string;
  entryPoint: string;
  environment: NodeJS.ProcessEnv;
  log: string;
  /** Where it says 200 once it is ready. */
  readyUrl: string;
  say: (line: string) => void;
  /** Told of every process it starts. */
  onStart: (child: ChildProcess) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
const STEADY_MS = 30_000;
const READY_LIMIT_MS = 180_000;
const POLL_MS = 40;

/**
 * One child process that is started again, after a pause that grows, when it dies once it has been ready. It holds one end of an
 * IPC channel, so that it ends itself when this process is gone, killed even.
 */
export class SupervisedService {
  private child: ChildProcess | null = null;
  private isWanted = true;
  private wasReady = false;
  private pauseMs = FIRST_PAUSE_MS;
  private restart: NodeJS.Timeout | undefined;

  constructor(private readonly options: ServiceOptions) {}

  /** The running process, or null between two. */
  get identity(): ProcessIdentity | null {
    return this.isAlive() && this.child?.pid !== undefined ? identifyProcess(this.child.pid) : null;
  }

  start(): void {
    const { title, entryPoint, environment, log, say, onStart } = this.options;
    const output = openSync(log, 'a');
    const startedAt = performance.now();
    const child = spawn(process.execPath, [entryPoint], {
      env: environment,
      stdio: ['ignore', output, output, 'ipc'],
      // In a group of its own: a terminal's Ctrl-C reaches it through us only, in order.
      detached: true,
    });
    closeSync(output);
    this.child = child;
    child.once('exit', (code, signal) => {
      if (!this.isWanted || !this.wasReady) return;
      if (performance.now() - startedAt > STEADY_MS) this.pauseMs = FIRST_PAUSE_MS;
      const pause = this.pauseMs;
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
      say(
        `The ${title} has ended (${signal ?? `exit code ${code}`}); starting it again in ${pause / 1000} s. Its log: ${log}`,
      );
      this.restart = setTimeout(() => this.start(), pause);
    });
    child.once('error', () => undefined);
    onStart(child);
  }

  /** Resolves once the service answers that it is ready. @throws StackError with its last words when it ends before. */
  async untilReady(signal: AbortSignal): Promise<void> {
    const { title, readyUrl, log } = this.options;
    const deadline = performance.now() + READY_LIMIT_MS;
    let answer = 'nothing';
    while (performance.now() < deadline) {
      signal.throwIfAborted();
      if (!this.isAlive()) throw new StackError(`The ${title} ended while it was starting:\n${lastWords(log)}`);
      const response = await fetch(readyUrl, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
      if (response?.status === 200) {
        this.wasReady = true;
        return;
      }
      if (response !== null) answer = `${response.status} ${(await response.text()).slice(0, 500)}`;
      await sleep(POLL_MS);
    }
    throw new StackError(`The ${title} did not get ready; ${readyUrl} answered ${answer}. Its log: ${log}`);
  }

  /** Asks the process to end and, when it has not within the limit, ends it and whatever it has started. */
  async stop(limitMs: number): Promise<void> {
    this.isWanted = false;
    clearTimeout(this.restart);
    const child = this.child;
    if (child === null || !this.isAlive()) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const limit = setTimeout(() => endGroup(child), limitMs);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(limit);
  }

  private isAlive(): boolean {
    return this.child?.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }
}

function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function lastWords(log: string): string {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n') || '(it said nothing)';
}
