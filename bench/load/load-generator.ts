import { runClosedLoop } from './closed-loop.js';
import type { LoadPlan, RatePlan } from './load-plan.js';
import { runOpenLoop } from './open-loop.js';

/** The process that makes the load: told a plan over IPC, it answers with a result and ends. */
process.once('message', async (plan: LoadPlan | RatePlan) => {
  const result = await ('perSecond' in plan ? runOpenLoop(plan) : runClosedLoop(plan));
  process.send?.(result, () => process.disconnect());
});
