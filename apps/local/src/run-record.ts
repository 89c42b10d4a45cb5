import type { ChildProcess } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  identifyProcess,
  isSameProcess,
  type ProcessIdentity,
  signalProcess,
  waitForExit,
} from '@app/embedded-postgres';
import type { StackDirectory } from './stack-directory.js';
import { StackError } from './stack-error.js';

interface RunState {
  launcher: ProcessIdentity;
  children: ProcessIdentity[];
  stopping: boolean;
}

const NAME = 'run.json';
const STOP_LIMIT_MS = 12_000;

/**
 * The claim of one run on its data directory, and its list of processes for whoever comes after it was killed. Processes are
 * known by id and time of start, so nothing of somebody else's is ever ended.
 */
export class RunRecord {
  private readonly state: RunState;

  private constructor(
    private readonly directory: StackDirectory,
    launcher: ProcessIdentity,
  ) {
    this.state = { launcher, children: [], stopping: false };
  }

  /**
   * Claims the directory; waits for a run that is stopping, and ends what a killed run left. @throws StackError saying where the
   * other one answers when one is running.
   */
  static async claim(directory: StackDirectory, signal: AbortSignal): Promise<RunRecord> {
    const own = identifyProcess(process.pid);
    if (own === null) throw new StackError('This process cannot be seen in the list of processes.');
    const record = new RunRecord(directory, own);
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (!record.tryToClaim()) {
      signal.throwIfAborted();
      const other = readState(directory);
      if (other === null) continue;
      if (!isSameProcess(other.launcher)) await record.takeOver(other);
      else if (!other.stopping || performance.now() > deadline) throw alreadyRunning(directory);
      else await sleep(100);
    }
    return record;
  }

  /** Notes a child process for as long as it runs. */
  watch(child: ChildProcess): void {
    const identity = child.pid === undefined ? null : identifyProcess(child.pid);
    if (identity === null) return;
    this.state.children.push(identity);
    this.save();
    child.once('exit', () => {
      this.state.children = this.state.children.filter((other) => other !== identity);
      if (!this.state.stopping) this.save();
    });
  }

  /** From now on a second start waits rather than complain. */
  markStopping(): void {
    this.state.stopping = true;
    this.save();
  }

  release(): void {
    this.directory.remove(NAME);
  }

  private save(): void {
    try {
      this.directory.write(NAME, JSON.stringify(this.state));
    } catch {
      // A disk that is full must not end a stack that runs; only the cleaning up after a kill has less to go by then.
    }
  }

  /** A link appears whole and only where nothing is yet. */
  private tryToClaim(): boolean {
    const unfinished = this.directory.file(`${NAME}.${process.pid}`);
    writeFileSync(unfinished, JSON.stringify(this.state), { mode: 0o600 });
    try {
      linkSync(unfinished, this.directory.file(NAME));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  private async takeOver(left: RunState): Promise<void> {
    const aside = this.directory.file(`${NAME}.left-${process.pid}`);
    try {
      renameSync(this.directory.file(NAME), aside);
    } catch (error) {
      // Another start has been quicker: it is asked next.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const moved = parse(readFileSync(aside, 'utf8'));
    if (isSameProcess(moved.launcher)) linkSync(aside, this.directory.file(NAME));
    rmSync(aside);
    if (isSameProcess(moved.launcher)) return;
    await Promise.all(left.children.map(endLeftover));
  }
}

/** Whether a stack runs on this directory. */
export function isStackRunning(directory: StackDirectory): boolean {
  const state = readState(directory);
  return state !== null && isSameProcess(state.launcher);
}

async function endLeftover(child: ProcessIdentity): Promise<void> {
  if (signalProcess(child, 'SIGTERM') && !(await waitForExit(child, 3_000))) signalProcess(child, 'SIGKILL');
  await waitForExit(child, 2_000);
}

function readState(directory: StackDirectory): RunState | null {
  const text = directory.read(NAME);
  return text === null ? null : parse(text);
}

/** What cannot be read was left by nobody who still runs. */
function parse(text: string): RunState {
  try {
    return JSON.parse(text) as RunState;
  } catch {
    return { launcher: { pid: 0, startedAt: '' }, children: [], stopping: false };
  }
}

function alreadyRunning(directory: StackDirectory): StackError {
  const state = directory.read('state.json');
  const where = state === null ? '(it is just starting)' : `at ${(JSON.parse(state) as { api_url: string }).api_url}`;
  return new StackError(
    `A local stack is running on ${directory.path} already, ${where}. Stop it first, or take another directory with --data.`,
  );
}
