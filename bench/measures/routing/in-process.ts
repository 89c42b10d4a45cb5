import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchStack } from '../../stack/bench-stack.js';
import type { InProcessFigures, InProcessPlan } from './decision-process.js';

const DECISIONS = fileURLToPath(new URL('./decision-process.js', import.meta.url));

/** What routing costs apart from any server, measured in a process of its own. */
export function measureInProcess(stack: BenchStack, plan: InProcessPlan): Promise<InProcessFigures> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = fork(DECISIONS, {
      env: { PATH, HOME, ...stack.environment },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (figures) => resolve(figures as InProcessFigures));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The timing process ended early (${code ?? signal})`)));
    child.send(plan);
  });
}
