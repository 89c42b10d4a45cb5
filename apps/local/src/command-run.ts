import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { StackError } from './stack-error.js';

/**
 * Runs one command of the command line application to its end, passing on what it says line by line.
 * @throws StackError with the end of its output when it fails, and the signal's reason when that is aborted.
 */
export async function runCommandLine(
  entryPoint: string,
  words: string[],
  environment: NodeJS.ProcessEnv,
  {
    say,
    signal,
    onStart,
  }: { say: (line: string) => void; signal: AbortSignal; onStart: (child: ChildProcess) => void },
): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [entryPoint, ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onStart(child);
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  const last: string[] = [];
  createInterface({ input: child.stdout }).on('line', say);
  createInterface({ input: child.stderr }).on('line', (line) => last.push(line));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw new StackError(`${words.join(' ')} failed (exit code ${code}):\n${last.slice(-15).join('\n')}`);
}
