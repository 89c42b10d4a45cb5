import { isSqlError } from '@app/database';
import { Injectable } from '@nestjs/common';
import { AnalyticsQueries, type CustomerTotals, type Overview, type TimeSeries } from './analytics.queries.js';
import { type AskedTimeSeries, invalidSeries, parseTimeSeries, type TimeSeriesRequest } from './time-series-request.js';

/** About eleven years of days. */
const MOST_POINTS = 4_000;

/** Totals of one organization and of its customers, now and over time. */
@Injectable()
export class AnalyticsService {
  constructor(private readonly queries: AnalyticsQueries) {}

  overview(organizationId: number): Promise<Overview> {
    return this.queries.overview(organizationId);
  }

  /** Zeros for a customer that does not exist, or is another organization's: the two can't be told apart. */
  ofCustomer(organizationId: number, customerId: number): Promise<CustomerTotals> {
    return this.queries.ofCustomer(organizationId, customerId);
  }

  /**
   * One value for each whole interval (of the zone's calendar; weeks begin on Mondays) that has a part in the range: what
   * happened in it, or for totals and active accounts what there was at its end.
   *
   * @throws DomainError `validation_failed` naming the parameters that can't be used.
   */
  async timeSeries(organizationId: number, asked: AskedTimeSeries): Promise<TimeSeries> {
    const request = parseTimeSeries(asked);
    try {
      return await this.queries.timeSeries(organizationId, request, MOST_POINTS);
    } catch (error) {
      throw refusal(error, request) ?? error;
    }
  }
}

function refusal(error: unknown, { timeZone }: TimeSeriesRequest) {
  if (!isSqlError(error)) return undefined;
  switch (error.code) {
    case 'TDR01':
      return invalidSeries([['from', 'from must be before to']], error);
    case 'TDR02':
      return invalidSeries([['from', `from to to are more than ${MOST_POINTS} intervals`]], error);
    case 'TDR03':
      return invalidSeries([['time_zone', `In this range ${timeZone} is not at a quarter of an hour from UTC`]], error);
    case '22023':
      return invalidSeries([['time_zone', `The database does not know the time zone ${timeZone}`]], error);
    default:
      return undefined;
  }
}
