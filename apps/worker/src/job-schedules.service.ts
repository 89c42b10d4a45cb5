import { DailyAggregateService, utcDay } from '@app/analytics';
import { Queues } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';

const DAILY_AGGREGATES = 'daily-aggregates';
/** Ten past midnight, UTC. */
const DAILY_AT = '10 0 * * *';
const DAILY_DELAY_MS = 10 * 60_000;
const LIMIT_MS = 2_000;

/** What happens by the clock. Each occasion is idempotent: two workers, a restart or a late tick change nothing. */
@Injectable()
export class JobSchedules {
  constructor(
    private readonly aggregates: DailyAggregateService,
    private readonly queues: Queues,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Makes sure that the queue ticks, and makes up for a tick that came while no worker ran. */
  async ensure(): Promise<void> {
    await this.queues.schedule('default', DAILY_AGGREGATES, DAILY_AT, LIMIT_MS);
    await this.requestDailyAggregates();
  }

  /** Does what is due by the schedule of this name; a name of another version is none of ours. */
  async run(name: string): Promise<void> {
    if (name === DAILY_AGGREGATES) await this.requestDailyAggregates();
    else this.logger.warn({ schedule: name }, 'unknown schedule');
  }

  private async requestDailyAggregates(): Promise<void> {
    const date = utcDay(new Date(Date.now() - DAILY_DELAY_MS), -1);
    const count = await this.aggregates.requestForAll(date);
    if (count > 0) this.logger.info({ date, count }, 'daily aggregates requested');
  }
}
