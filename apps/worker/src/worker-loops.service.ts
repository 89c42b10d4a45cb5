import { DatabaseReadiness } from '@app/database';
import { JobHandover } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from './background-loop.js';
import { QueueWorkers } from './execution/queue-workers.service.js';
import { JobSchedules } from './job-schedules.service.js';

const READY_CHECK_MS = 100;
const HAND_OVER_MS = 1_000;
const RESTORE_MS = 10_000;
const SCHEDULES_MS = 600_000;
/** A schedule that could not be set up, for instance because the queue was away. */
const SCHEDULES_RETRY_MS = 2_000;

/** Everything that this process does by itself, begun once the database is ready. */
@Injectable()
export class WorkerLoops implements OnApplicationBootstrap {
  private readonly loops: BackgroundLoop[];
  private waiting: NodeJS.Timeout | undefined;
  private schedulesDueAt = 0;

  constructor(
    private readonly readiness: DatabaseReadiness,
    private readonly workers: QueueWorkers,
    private readonly schedules: JobSchedules,
    handover: JobHandover,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.loops = [
      new BackgroundLoop('handing jobs over', HAND_OVER_MS, () => handover.handOverWaiting(), logger),
      new BackgroundLoop('restoring lost jobs', RESTORE_MS, () => handover.restoreLost(), logger),
      new BackgroundLoop('schedules', SCHEDULES_RETRY_MS, () => this.keepSchedules(), logger),
    ];
  }

  onApplicationBootstrap(): void {
    this.startWhenReady();
  }

  /** Ends the loops at once and the jobs in hand within the limit. */
  async stop(limitMs: number): Promise<void> {
    clearTimeout(this.waiting);
    await Promise.all([this.workers.stop(limitMs), ...this.loops.map((loop) => loop.stop())]);
  }

  private startWhenReady(): void {
    if (!this.readiness.isReady) {
      this.waiting = setTimeout(() => this.startWhenReady(), READY_CHECK_MS);
      return;
    }
    this.workers.start();
    for (const loop of this.loops) loop.start();
  }

  private async keepSchedules(): Promise<void> {
    if (Date.now() < this.schedulesDueAt) return;
    await this.schedules.ensure();
    this.schedulesDueAt = Date.now() + SCHEDULES_MS;
  }
}
