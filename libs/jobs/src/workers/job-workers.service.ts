import { Injectable } from '@nestjs/common';
import { JobWorkersRepository } from './job-workers.repository.js';
import type { WorkerReport } from './worker-report.js';

/** A worker reports every second; one that has been silent for so long is dead, or as good as that. */
const SILENT_SECONDS = 5;
const FORGOTTEN_SECONDS = 3_600;

/** The worker processes of the deployment, as they report themselves. */
@Injectable()
export class JobWorkers {
  private isCleaned = false;

  constructor(private readonly workers: JobWorkersRepository) {}

  /** To be called every second. */
  async report(report: WorkerReport): Promise<void> {
    await this.workers.report(report);
    if (!this.isCleaned) await this.workers.removeSilent(FORGOTTEN_SECONDS);
    this.isCleaned = true;
  }

  /** Says that a worker has ended. */
  async leave(id: string): Promise<void> {
    await this.workers.remove(id);
  }

  live(): Promise<WorkerReport[]> {
    return this.workers.live(SILENT_SECONDS);
  }
}
