import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ScheduleHoldsRepository } from './schedule-holds.repository.js';

const HOLD_SECONDS = 10;
/** How often a hold must be renewed while its run lasts. */
export const RENEW_MS = 3_000;

/**
 * Decides which worker runs a schedule that is due: one at a time. A hold whose worker died runs out after ten seconds,
 * and the schedule is still due then.
 */
@Injectable()
export class ScheduleHolds {
  private readonly holder = randomUUID();

  constructor(private readonly holds: ScheduleHoldsRepository) {}

  /** Makes schedules known; a new one is due at once. */
  register(names: readonly string[]): Promise<void> {
    return this.holds.register(names);
  }

  /** Takes those of the schedules that are due and that nobody runs. @returns their names. */
  takeDue(names: readonly string[]): Promise<string[]> {
    return this.holds.hold(names, this.holder, HOLD_SECONDS);
  }

  renew(name: string): Promise<void> {
    return this.holds.extend(name, this.holder, HOLD_SECONDS);
  }

  /** Ends the hold; the schedule is due again after the delay. */
  release(name: string, delayMs: number): Promise<void> {
    return this.holds.release(name, this.holder, delayMs / 1_000);
  }
}
