import { DailyAggregateService, RollupChecks, RollupFolding, utcDay } from '@app/analytics';
import { ChangeLogUpkeep } from '@app/change-log';
import { LOGGER, type Logger } from '@app/logging';
import { DispatchService } from '@app/webhooks';
import { Inject, Injectable } from '@nestjs/common';
import { PurgeRunner } from '../purge/purge-runner.service.js';
import type { Schedule } from './schedule.js';

const DAILY_DELAY_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

/** Everything that happens by the clock: to add something, add an entry. `ScheduleRunner` runs them. */
@Injectable()
export class JobSchedules {
  readonly all: readonly Schedule[];

  constructor(
    private readonly aggregates: DailyAggregateService,
    private readonly purges: PurgeRunner,
    private readonly folding: RollupFolding,
    private readonly checks: RollupChecks,
    dispatch: DispatchService,
    private readonly changeLog: ChangeLogUpkeep,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.all = [
      { name: 'request-daily-aggregates', rhythm: { dailyAt: '00:10' }, run: () => this.requestDailyAggregates() },
      { name: 'fold-rollups', rhythm: { everyMs: 1_000 }, run: () => this.foldRollups() },
      { name: 'verify-rollups', rhythm: { dailyAt: '03:20' }, run: () => this.verifyRollups() },
      { name: 'purge', rhythm: { everyMs: HOUR_MS }, run: () => this.purge() },
      { name: 'dispatch-webhooks', rhythm: { everyMs: 1_000 }, run: () => dispatch.run() },
      { name: 'keep-change-log', rhythm: { everyMs: HOUR_MS }, run: () => this.keepChangeLog() },
    ];
  }

  private async purge(): Promise<void> {
    this.logger.info(await this.purges.runAll(), 'purged');
  }

  private async foldRollups(): Promise<void> {
    await this.folding.fold();
  }

  private async verifyRollups(): Promise<void> {
    const { drift, differences } = await this.checks.verify();
    if (drift > 0) this.logger.error({ drift, differences }, 'rollups differ from a recount');
  }

  private async keepChangeLog(): Promise<void> {
    const dropped = await this.changeLog.run();
    if (dropped > 0) this.logger.info({ dropped }, 'old partitions of the change log dropped');
  }

  private async requestDailyAggregates(): Promise<void> {
    const date = utcDay(new Date(Date.now() - DAILY_DELAY_MS), -1);
    const count = await this.aggregates.requestForAll(date);
    if (count > 0) this.logger.info({ date, count }, 'daily aggregates requested');
  }
}
