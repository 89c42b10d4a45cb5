import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigModule, loadConfiguration } from '@app/config';
import { DatabaseModule, Followers, PrimaryMonitor, ReadRouter, requestReads } from '@app/database';
import { createLogger, LoggingModule, runInContext } from '@app/logging';
import { MetricsModule } from '@app/metrics';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DatabasePools } from '../../../libs/database/src/servers/database-pools.service.js';
import { DECISION_CASES } from './decision-cases.js';
import { type DecisionFigures, timeDecisions } from './decision-timer.js';
import { type StatementFigures, timeStatements } from './statement-timer.js';

export interface InProcessPlan {
  decisions: number;
  statements: number;
}

export interface InProcessFigures {
  decisions: DecisionFigures[];
  statements: StatementFigures[];
}

@Module({})
class BenchModule {}

/**
 * The database library as the API has it, on real servers with its probes running, in a process that does nothing else.
 * Told a plan over IPC, it answers with the figures and ends.
 */
process.once('message', async (plan: InProcessPlan) => {
  const app = await NestFactory.createApplicationContext(
    {
      module: BenchModule,
      imports: [
        ConfigModule.forRoot(loadConfiguration()),
        LoggingModule.forRoot(createLogger({ level: 'warn', name: 'bench' })),
        MetricsModule.forRoot({ app: 'bench' }),
        DatabaseModule,
      ],
    },
    { logger: false },
  );
  const [router, followers, monitor] = [app.get(ReadRouter), app.get(Followers), app.get(PrimaryMonitor)];
  while (monitor.state !== 'up' || !followers.isServing) await sleep(10);
  const token = await runInContext({ requestId: 'bench' }, async () => {
    await router.read({ preference: 'primary' }, (session) => session.query('SELECT 1'));
    return requestReads()?.answerToken ?? '';
  });
  const sent = { token, position: token.split('.')[3] ?? '', count: plan.decisions };
  // The follower's next look sees it there.
  await sleep(1_000);
  const decisions: DecisionFigures[] = [];
  for (const one of DECISION_CASES) decisions.push(await timeDecisions(router, one, sent));
  const pools = app.get(DatabasePools, { strict: false });
  const [organization] = await pools.primaryRead.query<{ id: number }>(
    'SELECT min(organization_id) AS id FROM customers',
  );
  const statements = await timeStatements(pools, organization?.id ?? 0, plan.statements);
  await app.close();
  process.send?.({ decisions, statements } satisfies InProcessFigures, () => process.disconnect());
});
