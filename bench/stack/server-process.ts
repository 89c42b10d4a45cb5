import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const POLL_MS = 10;
const READY_LIMIT_MS = 60_000;
/** Where proc(5) has `utime`, counted from behind the command's name; `stime` follows. */
const UTIME_FIELD = 11;
const TICKS_PER_SECOND = 100;
const STOP_LIMIT_MS = 15_000;

export interface ServerOptions {
  /** Below `dist`. */
  entryPoint: string;
  environment: Record<string, string>;
  /** Takes what the process writes: a pipe into this process would make the bench work for every log line. */
  logFile: string;
  url: string;
  /** Answers 200 once the server is ready. */
  readyPath: string;
}

/** A server under measurement: its process, when it was ready, and its memory. */
export class ServerProcess {
  private constructor(
    readonly url: string,
    /** Milliseconds from the start of the process until it said that it is ready. */
    readonly startMs: number,
    private readonly child: ChildProcess,
  ) {}

  /** Resolves once it is ready; throws with what it wrote when it ends or takes longer than a minute. */
  static async start({ entryPoint, environment, logFile, url, readyPath }: ServerOptions): Promise<ServerProcess> {
    const log = openSync(logFile, 'a');
    const { PATH = '', HOME = '' } = process.env;
    const startedAt = performance.now();
    // The channel ends the child when this process is killed.
    const child = spawn(process.execPath, [`${ROOT}dist/${entryPoint}`], {
      env: { PATH, HOME, ...environment },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    while (!(await isReady(url + readyPath))) {
      const took = performance.now() - startedAt;
      if (child.exitCode === null && child.signalCode === null && took < READY_LIMIT_MS) {
        await sleep(POLL_MS);
        continue;
      }
      child.kill('SIGKILL');
      throw new Error(`${entryPoint} did not get ready:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`);
    }
    return new ServerProcess(url, performance.now() - startedAt, child);
  }

  /** Resident memory in MiB. */
  get residentMiB(): number {
    const file = `/proc/${this.child.pid}/statm`;
    if (existsSync(file)) return (Number(readFileSync(file, 'utf8').split(' ')[1]) * 4_096) / 2 ** 20;
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(this.child.pid)], { encoding: 'utf8' })) / 1_024;
  }

  /** Seconds of a core that the process has used so far; undefined where the system does not tell. */
  get cpuSeconds(): number | undefined {
    const file = `/proc/${this.child.pid}/stat`;
    if (!existsSync(file)) return undefined;
    const fields = readFileSync(file, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[UTIME_FIELD]) + Number(fields[UTIME_FIELD + 1])) / TICKS_PER_SECOND;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
