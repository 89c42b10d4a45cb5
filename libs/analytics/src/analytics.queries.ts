import { ReadRouter, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

/** Totals of one organization at one snapshot. */
export interface Overview {
  total_customers: number;
  total_accounts: number;
  active_accounts: number;
  /** Of status `inactive`; suspended and pending accounts are in the total alone. */
  inactive_accounts: number;
  /** Accounts a customer, over the customers that have one; 0 where none has. */
  avg_accounts_per_customer: number;
}

export interface CustomerTotals {
  total_accounts: number;
  active_accounts: number;
  /** All that are not active: other than in the overview, as the Go service counted. */
  inactive_accounts: number;
}

type Counts<T> = Record<keyof T, string>;

/** One statement, so that all totals are of one snapshot, whichever server answers. */
const OVERVIEW = statement(
  'analytics-overview',
  `SELECT (SELECT count(*) FROM customers WHERE organization_id = $1) AS total_customers,
     coalesce(sum(accounts), 0) AS total_accounts,
     coalesce(sum(active), 0) AS active_accounts,
     coalesce(sum(inactive), 0) AS inactive_accounts,
     coalesce(avg(accounts) FILTER (WHERE customer_id IS NOT NULL), 0) AS avg_accounts_per_customer
   FROM (SELECT customer_id, count(*) AS accounts,
       count(*) FILTER (WHERE status = 'active') AS active,
       count(*) FILTER (WHERE status = 'inactive') AS inactive
     FROM accounts WHERE organization_id = $1 GROUP BY customer_id) AS by_customer`,
);

const OF_CUSTOMER = statement(
  'analytics-of-customer',
  `SELECT count(*) AS total_accounts,
     count(*) FILTER (WHERE status = 'active') AS active_accounts,
     count(*) FILTER (WHERE status IS DISTINCT FROM 'active') AS inactive_accounts
   FROM accounts WHERE customer_id = $1::bigint AND organization_id = $2`,
);

/** Analytics reads: from the follower where one serves. Each answer is exact at one snapshot of that server. */
@Injectable()
export class AnalyticsQueries {
  constructor(private readonly router: ReadRouter) {}

  async overview(organizationId: number): Promise<Overview> {
    const rows = await this.router.read({ preference: 'follower-preferred', organizationId }, (session) =>
      session.query<Counts<Overview>>(OVERVIEW, [organizationId]),
    );
    return {
      total_customers: Number(rows[0]?.total_customers ?? 0),
      total_accounts: Number(rows[0]?.total_accounts ?? 0),
      active_accounts: Number(rows[0]?.active_accounts ?? 0),
      inactive_accounts: Number(rows[0]?.inactive_accounts ?? 0),
      avg_accounts_per_customer: Number(rows[0]?.avg_accounts_per_customer ?? 0),
    };
  }

  /** Zeros for a customer that the organization does not have. */
  async ofCustomer(organizationId: number, customerId: number): Promise<CustomerTotals> {
    const rows = await this.router.read({ preference: 'follower-preferred', organizationId }, (session) =>
      session.query<Counts<CustomerTotals>>(OF_CUSTOMER, [customerId, organizationId]),
    );
    return {
      total_accounts: Number(rows[0]?.total_accounts ?? 0),
      active_accounts: Number(rows[0]?.active_accounts ?? 0),
      inactive_accounts: Number(rows[0]?.inactive_accounts ?? 0),
    };
  }
}
