import { type JobAttempt, JobGivenUpError, JobRuns } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { UnrecoverableError, WaitingError } from 'bullmq';
import { JobRunner } from './job-runner.service.js';
import { WorkerStoppingError } from './jobs-in-hand.service.js';
import type { Entry } from './queue-fetcher.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

interface EntryInHand {
  entry: Entry;
  attempt: JobAttempt;
}

/** Does what an entry of a queue asks for: runs the job that it names. */
@Injectable()
export class EntryHandler {
  private readonly inHand = new Map<string, EntryInHand>();

  constructor(
    private readonly runner: JobRunner,
    private readonly runs: JobRuns,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get isIdle(): boolean {
    return this.inHand.size === 0;
  }

  /**
   * Gives back the jobs that did not end in time, whatever they are at. What can't be given back is taken up by another
   * worker when its lock has run out.
   */
  async handBack(): Promise<void> {
    const entries = [...this.inHand.values()];
    this.inHand.clear();
    const handedBack = entries.map(async ({ entry, attempt }) => {
      this.logger.warn({ job_id: attempt.id }, 'job handed back: it did not end in time');
      await this.runs.handBack(attempt);
      await entry.moveToWait(entry.token);
    });
    await Promise.allSettled(handedBack);
  }

  /** @throws what tells BullMQ to try again later, to leave the entry alone, or never to try again. */
  async handle(entry: Entry): Promise<void> {
    // The tick of an older version's schedule: schedules do not live in the queues any more.
    if (entry.repeatJobKey !== undefined) return;
    const id = entry.data?.id;
    if (typeof id !== 'string' || !UUID.test(id)) throw new UnrecoverableError('The entry names no job');
    try {
      await this.runner.run(id, (attempt) => this.inHand.set(id, { entry, attempt }));
    } catch (error) {
      if (error instanceof JobGivenUpError) {
        this.logger.error({ job_id: id }, 'job given up: its workers died too often');
        throw new UnrecoverableError(error.message);
      }
      if (!(error instanceof WorkerStoppingError)) throw error;
      if (this.inHand.has(id)) await entry.moveToWait(entry.token);
      throw new WaitingError();
    } finally {
      this.inHand.delete(id);
    }
  }
}
