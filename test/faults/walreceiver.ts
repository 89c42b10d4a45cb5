import { type EmbeddedServer, identifyProcess, signalProcess } from '@app/embedded-postgres';
import { ask } from '../support/questions.js';

/**
 * Stops the process by which a follower receives, and nothing else of it: it answers, and gets nothing new. Returns what
 * lets it go on.
 */
export async function freezeWalReceiver(follower: EmbeddedServer): Promise<() => void> {
  const asked = await ask<{ pid: number | null; directory: string }>(
    follower.url,
    "SELECT (SELECT pid FROM pg_stat_wal_receiver), current_setting('data_directory') AS directory",
  );
  if (asked.directory !== follower.dataDirectory) throw new Error(`${follower.name} is not in ${asked.directory}`);
  const receiver = asked.pid === null ? null : identifyProcess(asked.pid);
  if (receiver === null) throw new Error(`${follower.name} receives nothing`);
  signalProcess(receiver, 'SIGSTOP');
  return () => void signalProcess(receiver, 'SIGCONT');
}
