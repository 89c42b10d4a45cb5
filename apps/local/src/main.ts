import { relative } from 'node:path';
import { asDirectoryError, EmbeddedPostgresError } from '@app/embedded-postgres';
import { announcement } from './announcement.js';
import { LocalStack, type StackContext } from './local-stack.js';
import { RunRecord } from './run-record.js';
import { StackDirectory } from './stack-directory.js';
import { StackError } from './stack-error.js';
import { removeState } from './stack-state.js';

/**
 * Runs the local stack until it is asked to stop, and resolves with the exit code: 0 after an orderly end, also one asked for while
 * it was starting; 1, after a word on what is wrong, when it cannot start.
 */
export async function runLocalStack(context: StackContext): Promise<number> {
  try {
    const directory = StackDirectory.prepare(context.options.directory);
    const run = await RunRecord.claim(directory, context.signal);
    try {
      // That of a killed run would send scripts to where nobody answers.
      removeState(directory);
      if (context.options.fresh) await clear(directory);
      await runUntilStopped(context, directory, run);
    } finally {
      run.release();
    }
    return 0;
  } catch (thrown) {
    if (context.signal.aborted) return 0;
    const error = asDirectoryError(thrown, context.options.directory);
    if (!(error instanceof StackError || error instanceof EmbeddedPostgresError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function runUntilStopped(context: StackContext, directory: StackDirectory, run: RunRecord): Promise<void> {
  const { progress, signal, options } = context;
  const stack = new LocalStack(context, directory, run);
  try {
    const state = await stack.start();
    const isDefault = relative(context.root, options.directory) === '.tandem';
    const argument = isDefault ? '' : ` --data ${options.directory}`;
    progress.say(announcement(state, directory.file('log'), process.env.SEED_ADMIN_PASSWORD, argument));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    await progress.step('Stopping', () => stack.stop());
  }
}

async function clear(directory: StackDirectory): Promise<void> {
  if (process.env.DATABASE_URL) {
    throw new StackError('--fresh deletes the databases of the local stack; with DATABASE_URL set there are none.');
  }
  await directory.clear();
}
