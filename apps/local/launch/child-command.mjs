import { spawn } from 'node:child_process';

const KEPT = 20_000;
const GRACE_MS = 3_000;

/**
 * Runs a program to its end and resolves with its exit code and the end of its output. In a process group of its own, which is
 * ended as a whole when the signal is aborted; rejects with the abort's reason then.
 */
export function runCommand(command, words, options) {
  const { directory, environment = process.env, signal, inherit = false, onStart } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, words, {
      cwd: directory,
      env: environment,
      stdio: inherit ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    if (child.pid !== undefined) onStart?.(child.pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-KEPT);
      });
    }
    const end = (name) => {
      try {
        process.kill(-child.pid, name);
      } catch {
        // The group has ended meanwhile.
      }
    };
    const onAbort = () => {
      end('SIGTERM');
      setTimeout(() => end('SIGKILL'), GRACE_MS).unref();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      signal?.removeEventListener('abort', onAbort);
      if (!signal?.aborted) return resolve({ code: code ?? 1, killedBy, output });
      end('SIGKILL');
      reject(signal.reason);
    });
  });
}

/** Like `runCommand`, for programs that must succeed: else an expected error with the end of what they said. */
export async function runOrFail(what, command, words, options) {
  const { code, output } = await runCommand(command, words, options).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    return { code: 127, output: `${command} is not on the PATH.` };
  });
  if (code === 0) return;
  throw Object.assign(new Error(`${what} failed (exit code ${code}):\n${output.trimEnd()}`), { expected: true });
}

/** npm as this process was started by it, else the one on the PATH; with the words that go before its own. */
export function npmCommand(environment = process.env) {
  const path = environment.npm_execpath;
  return path?.endsWith('.js') || path?.endsWith('.cjs') ? [process.execPath, [path]] : ['npm', []];
}
