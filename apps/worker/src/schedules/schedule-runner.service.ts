import { RENEW_MS, ScheduleHolds } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import { JobSchedules } from './job-schedules.service.js';
import { nextDelay } from './next-delay.js';
import type { Schedule } from './schedule.js';

/** A run that failed is tried again before its next time. */
const RETRY_MS = 30_000;

/** Runs the schedules that are due and that no other worker runs; each beside the others. */
@Injectable()
export class ScheduleRunner {
  private readonly running = new Map<string, Promise<void>>();
  private readonly failing = new Set<string>();
  private isRegistered = false;

  constructor(
    private readonly schedules: JobSchedules,
    private readonly holds: ScheduleHolds,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Starts what is due. To be called a few times a second. */
  async startDue(): Promise<void> {
    const names = this.schedules.all.map(({ name }) => name);
    if (!this.isRegistered) await this.holds.register(names);
    this.isRegistered = true;
    const idle = names.filter((name) => !this.running.has(name));
    const due = idle.length === 0 ? [] : await this.holds.takeDue(idle);
    for (const schedule of this.schedules.all) {
      if (!due.includes(schedule.name)) continue;
      const run = this.run(schedule).finally(() => this.running.delete(schedule.name));
      this.running.set(schedule.name, run);
    }
  }

  /** Resolves when what runs has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.running.values());
  }

  private async run({ name, rhythm, run }: Schedule): Promise<void> {
    const renewing = setInterval(() => void this.holds.renew(name).catch(() => undefined), RENEW_MS);
    let delayMs = nextDelay(rhythm, new Date());
    try {
      await run();
      this.failing.delete(name);
    } catch (err) {
      delayMs = Math.min(delayMs, RETRY_MS);
      if (!this.failing.has(name)) this.logger.warn({ err, schedule: name }, 'a scheduled run failed and is repeated');
      this.failing.add(name);
    } finally {
      clearInterval(renewing);
    }
    // Where the row can't be reached, the hold runs out and the schedule is still due.
    await this.holds.release(name, delayMs).catch(() => undefined);
  }
}
