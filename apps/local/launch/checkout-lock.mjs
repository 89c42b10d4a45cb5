import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs the work while no other process installs or builds in this checkout; waits for one that does, and says so. */
export async function withCheckoutLock(root, progress, signal, work) {
  const file = join(root, '.cache', 'launch.lock');
  mkdirSync(join(root, '.cache'), { recursive: true });
  if (!take(file)) {
    await progress.step('Waiting for another start that installs or builds here', async () => {
      while (!take(file)) await sleep(200, undefined, { signal });
    });
  }
  try {
    return await work(progress);
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, ownMark(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!isAbandoned(file)) return false;
  rmSync(file, { force: true });
  return take(file);
}

function isAbandoned(file) {
  const mark = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // An empty file is one that is just being written.
  return mark !== '' && ownMark(Number(mark.split(' ')[0])) !== mark;
}

/** The process id and, where the kernel tells, when it began: a later process with the same id is another one. */
function ownMark(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return `${pid} ended`;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return `${pid} running`;
  }
}
