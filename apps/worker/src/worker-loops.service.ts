import { DatabaseReadiness } from '@app/database';
import { JobHandover } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundLoop } from './background-loop.js';
import { JobsInHand } from './execution/jobs-in-hand.service.js';
import { QueueWorkers } from './execution/queue-workers.service.js';
import { WorkerReports } from './execution/worker-reports.service.js';
import { ScheduleRunner } from './schedules/schedule-runner.service.js';

const READY_CHECK_MS = 100;
const HAND_OVER_MS = 1_000;
const RESTORE_MS = 10_000;
const SCHEDULES_MS = 250;
const WATCH_MS = 1_000;
const REPORT_MS = 1_000;

/** Everything that this process does by itself, begun once the database is ready. */
@Injectable()
export class WorkerLoops implements OnApplicationBootstrap {
  private readonly loops: BackgroundLoop[];
  private waiting: NodeJS.Timeout | undefined;

  constructor(
    private readonly readiness: DatabaseReadiness,
    private readonly workers: QueueWorkers,
    private readonly schedules: ScheduleRunner,
    private readonly reports: WorkerReports,
    inHand: JobsInHand,
    handover: JobHandover,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.loops = [
      new BackgroundLoop('handing jobs over', HAND_OVER_MS, () => handover.handOverWaiting(), logger),
      new BackgroundLoop('restoring lost jobs', RESTORE_MS, () => handover.restoreLost(), logger),
      new BackgroundLoop('schedules', SCHEDULES_MS, () => schedules.startDue(), logger),
      new BackgroundLoop('watching jobs in hand', WATCH_MS, () => inHand.abortSuperseded(), logger),
      new BackgroundLoop('reporting', REPORT_MS, () => reports.report(), logger),
    ];
  }

  onApplicationBootstrap(): void {
    this.startWhenReady();
  }

  /** Ends the loops at once and the jobs in hand within the limit. */
  async stop(limitMs: number): Promise<void> {
    clearTimeout(this.waiting);
    await Promise.all([this.workers.stop(limitMs), ...this.loops.map((loop) => loop.stop())]);
    await Promise.all([this.schedules.settled(), this.reports.leave()]);
  }

  private startWhenReady(): void {
    if (!this.readiness.isReady) {
      this.waiting = setTimeout(() => this.startWhenReady(), READY_CHECK_MS);
      return;
    }
    this.workers.start();
    for (const loop of this.loops) loop.start();
  }
}
