import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface Outcome {
  /** Null when a signal ended it. */
  code: number | null;
  out: string;
  error: string;
}

export interface RunOptions {
  cwd?: string;
  /** Told each line of the output as it comes. */
  onLine?: (line: string, child: ChildProcess) => void;
}

/** Runs the built command line, with no terminal and no environment but the given one, until it ends. */
export function runCommandLine(
  args: string[],
  environment: Record<string, string> = {},
  { cwd, onLine }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome: Outcome = { code: null, out: '', error: '' };
  createInterface(child.stdout).on('line', (line) => {
    outcome.out += `${line}\n`;
    onLine?.(line, child);
  });
  child.stderr.on('data', (data) => {
    outcome.error += data;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}
