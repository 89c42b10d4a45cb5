import { demandOfReads, type ReadRouter, requestReads } from '@app/database';
import { runInContext } from '@app/logging';
import { quantile } from '../../load/quantile.js';
import type { DecisionCase } from './decision-cases.js';

export interface DecisionFigures {
  title: string;
  decisions: number;
  /** Microseconds of everything but the statement: headers read, decision, record, token of the answer. */
  p50: number;
  p99: number;
  max: number;
  /** Decisions that came out differently than the case is meant to. */
  elsewhere: number;
}

/** Decisions in one turn of the event loop; in between the prober must get its turn, or positions grow old. */
const AT_ONCE = 50;
const WARM_UP = 20_000;

/** Times as many decisions, one by one. `position` stands for what the statement would have told with its rows. */
export async function timeDecisions(
  router: ReadRouter,
  { title, options, target, sendsToken, preference }: DecisionCase,
  { token, position, count }: { token: string; position: string; count: number },
): Promise<DecisionFigures> {
  const micros = new Float64Array(count);
  const answer = { rows: [], position };
  const sent = sendsToken ? token : undefined;
  let elsewhere = 0;
  const decide = async (): Promise<number> => {
    const startedAt = performance.now();
    demandOfReads(sent, preference);
    await router.read(options, async (session) => session.note(answer));
    const reads = requestReads();
    const answered = reads?.answerToken;
    const took = performance.now() - startedAt;
    if (reads?.served?.target !== target || answered === undefined) elsewhere++;
    return took * 1000;
  };
  const run = async (times: number, take: (index: number, value: number) => void): Promise<void> => {
    for (let index = 0; index < times; index++) {
      take(index, await runInContext({ requestId: 'bench' }, decide));
      if (index % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await run(WARM_UP, () => undefined);
  elsewhere = 0;
  await run(count, (index, value) => {
    micros[index] = value;
  });
  micros.sort();
  return {
    title,
    decisions: count,
    p50: quantile(micros, 0.5),
    p99: quantile(micros, 0.99),
    max: quantile(micros, 1),
    elsewhere,
  };
}
