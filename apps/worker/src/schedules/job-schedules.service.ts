import { DailyAggregateService, utcDay } from '@app/analytics';
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
    dispatch: DispatchService,
    private readonly purges: PurgeRunner,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.all = [
      { name: 'request-daily-aggregates', rhythm: { dailyAt: '00:10' }, run: () => this.requestDailyAggregates() },
      { name: 'dispatch-webhooks', rhythm: { everyMs: 1_000 }, run: () => dispatch.run() },
      { name: 'purge', rhythm: { everyMs: HOUR_MS }, run: () => this.purge() },
    ];
  }

  private async purge(): Promise<void> {
    this.logger.info(await this.purges.runAll(), 'purged');
  }

  private async requestDailyAggregates(): Promise<void> {
    const date = utcDay(new Date(Date.now() - DAILY_DELAY_MS), -1);
    const count = await this.aggregates.requestForAll(date);
    if (count > 0) this.logger.info({ date, count }, 'daily aggregates requested');
  }
}
