import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs the work while no other process installs or builds in this checkout; waits for one that does, and says so. The work is
 * given a function to note the processes it starts: those of a holder that was killed are ended by the next one.
 */
export async function withCheckoutLock(root, progress, signal, work) {
  const file = join(root, '.cache', 'launch.lock');
  mkdirSync(join(root, '.cache'), { recursive: true });
  if (!take(file)) {
    await progress.step('Waiting for another start that installs or builds here', async () => {
      while (!take(file)) await sleep(200, undefined, { signal });
    });
  }
  try {
    return await work((pid) => appendFileSync(file, `\n${markOf(pid)}`));
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, markOf(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const [holder, ...children] = read(file);
  // An empty file is one that is just being written.
  if (!holder || isRunning(holder)) return false;
  for (const child of children.filter(isRunning)) endGroup(Number(child.split(' ')[0]));
  rmSync(file, { force: true });
  return take(file);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function isRunning(mark) {
  return markOf(Number(mark.split(' ')[0])) === mark;
}

function endGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** The process id and, where the kernel tells, when it began: a later process with the same id is another one. */
function markOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return `${pid} ended`;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie that nobody collects does nothing any more.
    return `${pid} ${fields[0] === 'Z' ? 'ended' : fields[19]}`;
  } catch {
    return `${pid} running`;
  }
}
