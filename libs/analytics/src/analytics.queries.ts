import { ReadRouter, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { withAsOf } from './as-of.js';
import type { Metric, TimeSeriesRequest } from './time-series-request.js';

/** Totals of one organization at one snapshot. */
export interface Overview {
  total_customers: number;
  total_accounts: number;
  active_accounts: number;
  /** Of status `inactive`; suspended and pending accounts are in the total alone. */
  inactive_accounts: number;
  /** Accounts a customer, over the customers that have one; 0 where none has. */
  avg_accounts_per_customer: number;
  /** The four statuses always, others where there are any; without a status under the empty text. */
  accounts_by_status: Record<string, number>;
  /** The moment up to which everything is counted for sure; null where none is known. */
  as_of: string | null;
}

export interface CustomerTotals {
  total_accounts: number;
  active_accounts: number;
  /** All that are not active: other than in the overview, as the Go service counted. */
  inactive_accounts: number;
}

export interface TimeSeries {
  metric: Metric;
  interval: string;
  time_zone: string;
  as_of: string | null;
  points: { start: string; value: number }[];
}

interface OverviewRow {
  total_customers: string;
  total_accounts: string;
  accounts_per_customer: string;
  statuses: [string | null, number][];
}

const OVERVIEW = statement('analytics-overview', 'SELECT * FROM rollups_overview($1)');
const OF_CUSTOMER = statement('analytics-of-customer', 'SELECT * FROM rollups_of_customer($1, $2)');
const SERIES = statement(
  'analytics-series',
  `SELECT to_char(start, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS start, value
   FROM rollups_series($1, $2, $3, $4, $5, $6, $7)`,
);
const STATUSES = ['active', 'inactive', 'suspended', 'pending'] as const;

/** Analytics reads: from the follower where one serves. Each answer is exact at one snapshot of that server. */
@Injectable()
export class AnalyticsQueries {
  constructor(private readonly router: ReadRouter) {}

  async overview(organizationId: number): Promise<Overview> {
    const { answer, asOf } = await withAsOf(() => this.read<OverviewRow>(organizationId, OVERVIEW, [organizationId]));
    const [row] = answer;
    const byStatus = new Map<string, number>(STATUSES.map((status) => [status, 0]));
    for (const [status, accounts] of row?.statuses ?? []) {
      byStatus.set(status ?? '', (byStatus.get(status ?? '') ?? 0) + accounts);
    }
    return {
      total_customers: Number(row?.total_customers ?? 0),
      total_accounts: Number(row?.total_accounts ?? 0),
      active_accounts: byStatus.get('active') ?? 0,
      inactive_accounts: byStatus.get('inactive') ?? 0,
      avg_accounts_per_customer: Number(row?.accounts_per_customer ?? 0),
      accounts_by_status: Object.fromEntries(byStatus),
      as_of: asOf,
    };
  }

  /** Zeros for a customer that the organization does not have. */
  async ofCustomer(organizationId: number, customerId: number): Promise<CustomerTotals> {
    const [row] = await this.read<{ total_accounts: string; active_accounts: string }>(organizationId, OF_CUSTOMER, [
      organizationId,
      customerId,
    ]);
    const [total, active] = [Number(row?.total_accounts ?? 0), Number(row?.active_accounts ?? 0)];
    return { total_accounts: total, active_accounts: active, inactive_accounts: total - active };
  }

  /** Fails as the SQL function does: with the codes `TDR01` to `TDR03`, or `22023` for a zone that the server lacks. */
  async timeSeries(organizationId: number, request: TimeSeriesRequest, mostPoints: number): Promise<TimeSeries> {
    const { metric, interval, timeZone, from, to } = request;
    const values = [organizationId, metric, interval, timeZone, from ?? null, to ?? null, mostPoints];
    const { answer, asOf } = await withAsOf(() =>
      this.read<{ start: string; value: string }>(organizationId, SERIES, values),
    );
    const points = answer.map(({ start, value }) => ({ start, value: Number(value) }));
    return { metric, interval, time_zone: timeZone, as_of: asOf, points };
  }

  private read<Row extends object>(organizationId: number, query: typeof OVERVIEW, values: unknown[]): Promise<Row[]> {
    return this.router.read({ preference: 'follower-preferred', organizationId }, (session) =>
      session.query<Row>(query, values),
    );
  }
}
