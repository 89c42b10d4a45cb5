import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadPlan, LoadResult, RatePlan, RateResult } from './load-plan.js';

const GENERATOR = fileURLToPath(new URL('./load-generator.js', import.meta.url));

/** Runs a plan in a process of its own, so that nothing of the bench competes with the connections for one thread. */
export function runLoad(plan: LoadPlan): Promise<LoadResult> {
  return runApart(plan);
}

/** The same at an even rate. */
export function runAtRate(plan: RatePlan): Promise<RateResult> {
  return runApart(plan);
}

function runApart<Result>(plan: LoadPlan | RatePlan): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(GENERATOR, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.once('message', (result) => resolve(result as Result));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The load generator ended early (${code ?? signal})`)));
    child.send(plan);
  });
}
