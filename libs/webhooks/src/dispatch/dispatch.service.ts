import { TransactionRunner } from '@app/database';
import { JobsService } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { EndpointProgressRepository } from './endpoint-progress.repository.js';
import { LogFollowers } from './log-followers.service.js';

/** What is left then waits for the next run, a second later. */
const PAGES_A_RUN = 5;
const PROVEN_A_RUN = 500;
/** An answer that took longer makes a receiver a slow one. */
const SLOW_MS = 2_000;
/** Jobs that receivers that fail or are slow may have together, in all workers. */
const MAX_TROUBLED = 3;
/** The same for those that nothing was sent to yet: any number may be added, and each may take ten seconds to fail. */
const MAX_UNPROVEN = 5;

/** Brings the change log to the endpoints: deliveries for what is new, and jobs that send what is due. */
@Injectable()
export class DispatchService {
  constructor(
    private readonly followers: LogFollowers,
    private readonly progress: EndpointProgressRepository,
    private readonly jobs: JobsService,
    private readonly transactions: TransactionRunner,
  ) {}

  /** One run; to be repeated every second. It is right when two run at once, or when one is killed anywhere. */
  async run(): Promise<void> {
    try {
      for (let page = 0; page < PAGES_A_RUN; page += 1) {
        if (!(await this.followers.advance())) break;
      }
    } finally {
      // What is due already does not wait for what can't be read.
      await this.requestSenders();
    }
  }

  /**
   * A job for each endpoint that something is due for; those in trouble and those that are new share a few, so that the rest
   * have their slots. Whoever has had its first attempt makes room for the next.
   */
  requestSenders(): Promise<void> {
    return this.transactions.run(async () => {
      const busy = await this.progress.countBusy(SLOW_MS);
      const room = {
        proven: PROVEN_A_RUN,
        unproven: Math.max(0, MAX_UNPROVEN - busy.unproven),
        troubled: Math.max(0, MAX_TROUBLED - busy.troubled),
      };
      for (const { id, organizationId } of await this.progress.lockIdle(SLOW_MS, room)) {
        const job = await this.jobs.request(organizationId, 'deliver-webhook', { webhook_id: id });
        await this.progress.setJob(id, job.id);
      }
    });
  }
}
