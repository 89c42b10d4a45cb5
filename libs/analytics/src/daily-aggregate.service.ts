import { DomainError } from '@app/errors';
import { JobsService, type RequestedJob, type RequestOptions } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { type DailyAggregate, DailyAggregateRepository } from './daily-aggregate.repository.js';
import { isDay, utcDay } from './utc-day.js';

/** Totals of a day, computed by a job and stored. */
@Injectable()
export class DailyAggregateService {
  constructor(
    private readonly aggregates: DailyAggregateRepository,
    private readonly jobs: JobsService,
  ) {}

  /**
   * Asks for the job that computes a day (UTC), yesterday unless given.
   *
   * @throws DomainError `validation_failed` naming `date` where it is no day, or one that has not begun.
   */
  request(
    organizationId: number,
    date?: string,
    options: RequestOptions = {},
    now = new Date(),
  ): Promise<RequestedJob> {
    const day = date ?? utcDay(now, -1);
    if (!isDay(day)) throw invalidDate('date must be a day such as 2026-11-21');
    if (day > utcDay(now)) throw invalidDate('date must not be in the future');
    return this.jobs.request(organizationId, 'aggregate', { date: day }, options);
  }

  /**
   * Asks for a day of every organization that was there before its end, once however often this is called.
   *
   * @returns how many jobs were new.
   */
  requestForAll(date: string): Promise<number> {
    const end = `${utcDay(new Date(`${date}T00:00:00Z`), 1)}T00:00:00Z`;
    return this.jobs.requestOnceForEachOrganization(`daily ${date}`, 'aggregate', { date }, end);
  }

  /** Computes and stores a day. To be called in the transaction that completes the job. */
  compute(organizationId: number, date: string): Promise<DailyAggregate> {
    return this.aggregates.recompute(organizationId, date);
  }
}

function invalidDate(message: string): DomainError {
  return new DomainError('validation_failed', message, { fields: [{ field: 'date', code: 'invalid', message }] });
}
