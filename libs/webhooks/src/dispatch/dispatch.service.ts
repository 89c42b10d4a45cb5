import { TransactionRunner } from '@app/database';
import { JobsService } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { EndpointProgressRepository } from './endpoint-progress.repository.js';
import { LogFollowers } from './log-followers.service.js';

/** What is left then waits for the next run, a second later. */
const PAGES_A_RUN = 5;
const SENDERS_A_RUN = 500;
/** An answer that took longer makes a receiver a slow one. */
const SLOW_MS = 2_000;
/** Slots that receivers that fail or are slow may hold together, in all workers. */
const MAX_TROUBLED = 3;

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
    for (let page = 0; page < PAGES_A_RUN; page += 1) {
      if (!(await this.followers.advance())) break;
    }
    await this.requestSenders();
  }

  /** A job for each endpoint that something is due for; those in trouble share a few slots, so that the rest have theirs. */
  private requestSenders(): Promise<void> {
    return this.transactions.run(async () => {
      const idle = await this.progress.lockIdle(SLOW_MS, SENDERS_A_RUN);
      if (idle.length === 0) return;
      let room = MAX_TROUBLED - (await this.progress.countTroubled(SLOW_MS));
      for (const { id, organizationId, isTroubled } of idle) {
        if (isTroubled && room <= 0) continue;
        if (isTroubled) room -= 1;
        const job = await this.jobs.request(organizationId, 'deliver-webhook', { webhook_id: id });
        await this.progress.setJob(id, job.id);
      }
    });
  }
}
