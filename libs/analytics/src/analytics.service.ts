import { Injectable } from '@nestjs/common';
import { AnalyticsQueries, type CustomerTotals, type Overview } from './analytics.queries.js';

/** Totals of one organization and of its customers. */
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
}
