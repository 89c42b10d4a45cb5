import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a test that failed while setting up did not stop; ended with the test run's own process, by their ids. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** How a process is started. */
export interface ProcessOptions {
  /** After the program; `node` unless `command` says otherwise. */
  arguments?: string[];
  /** The whole environment besides PATH, HOME and TMPDIR: nothing of the test run's own reaches the process. */
  environment?: Record<string, string>;
  command?: string;
  directory?: string;
  /** With an IPC channel, as the local stack starts its children. */
  ipc?: boolean;
  /** In a process group of its own, so that the whole group can be signalled as a terminal does it. */
  group?: boolean;
}

/** A child process whose output is kept. */
export interface TestProcess {
  child: ChildProcess;
  pid: number;
  /** Everything written so far, standard output and error in one. */
  output(): string;
  /** Resolves with the match once the output has one; throws with the output when the process ends or time runs out. */
  waitForOutput(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
  /** Resolves with the exit code (or the signal's name) when the process has ended. */
  exited(limitMs?: number): Promise<number | NodeJS.Signals>;
  /** Ends it: SIGTERM, and SIGKILL when that has not helped within the limit. Does nothing when it has ended. */
  stop(limitMs?: number): Promise<number | NodeJS.Signals>;
}

/** Starts a built entry point (`dist/apps/api/src/main.js`, relative to the checkout) with its output collected. */
export function startProcess(entryPoint: string, options: ProcessOptions = {}): TestProcess {
  const child = spawn(options.command ?? process.execPath, [entryPoint, ...(options.arguments ?? [])].filter(Boolean), {
    cwd: options.directory ?? ROOT,
    env: { ...pick(process.env, ['PATH', 'HOME', 'TMPDIR']), ...options.environment },
    stdio: options.ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    detached: options.group === true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 0));
  });
  running.add(child);
  ended.catch(() => undefined).finally(() => running.delete(child));
  const exited = (limitMs = 15_000) => within(ended, limitMs, () => `${entryPoint} has not ended:\n${text}`);
  return {
    child,
    pid: child.pid ?? 0,
    output: () => text,
    exited,
    async waitForOutput(pattern, limitMs = 15_000) {
      const deadline = performance.now() + limitMs;
      for (;;) {
        const match = pattern.exec(text);
        if (match) return match;
        if (hasEnded(child)) throw new Error(`${entryPoint} ended (${child.exitCode ?? child.signalCode}):\n${text}`);
        if (performance.now() > deadline) throw new Error(`${entryPoint} did not say ${pattern}:\n${text}`);
        await sleep(20);
      }
    },
    async stop(limitMs = 10_000) {
      if (!hasEnded(child)) child.kill('SIGTERM');
      return exited(limitMs).catch(() => {
        child.kill('SIGKILL');
        return exited();
      });
    },
  };
}

/** Resolves with the response once the address answers with this status; throws after the limit, saying what came last. */
export async function waitForHttp(url: string, status = 200, limitMs = 20_000): Promise<Response> {
  const deadline = performance.now() + limitMs;
  let last = 'nothing';
  while (performance.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      if (response.status === status) return response;
      last = `${response.status} ${await response.text()}`;
    } catch (error) {
      last = String(error instanceof Error && error.cause ? error.cause : error);
    }
    await sleep(50);
  }
  throw new Error(`${url} did not answer ${status} within ${limitMs} ms; last: ${last}`);
}

async function within<T>(work: Promise<T>, limitMs: number, describe: () => string): Promise<T> {
  const controller = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: controller.signal }).then(() => {
    throw new Error(describe());
  });
  limit.catch(() => undefined);
  return Promise.race([work, limit]).finally(() => controller.abort());
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pick(environment: NodeJS.ProcessEnv, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
