import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

/** Totals of one organization's rows that were created before a day's end (UTC), with the status they have now. */
export interface DailyAggregate {
  /** `YYYY-MM-DD` */
  date: string;
  total_customers: number;
  total_accounts: number;
  active_accounts: number;
  inactive_accounts: number;
  /** Over the customers that have an account; 0 where none has. */
  avg_accounts_per_customer: number;
  /** Created on that day. */
  new_customers: number;
  new_accounts: number;
}

/** One statement, so that all totals are of one snapshot. Times are zoneless and hold UTC, as days here do. */
const RECOMPUTE = statement(
  'daily-aggregates.recompute',
  `INSERT INTO daily_aggregates AS stored (organization_id, date, total_customers, total_accounts, active_accounts,
     inactive_accounts, avg_accounts_per_customer, new_customers, new_accounts)
   SELECT $1, $2::date, c.total, a.total, a.active, a.inactive, a.average, c.new, a.new
   FROM (
     SELECT count(*) AS total, count(*) FILTER (WHERE created_at >= $2::date) AS new
     FROM customers WHERE organization_id = $1 AND created_at < $2::date + 1
   ) AS c, (
     SELECT coalesce(sum(total), 0) AS total, coalesce(sum(active), 0) AS active,
       coalesce(sum(inactive), 0) AS inactive, coalesce(sum(new), 0) AS new,
       coalesce(avg(total) FILTER (WHERE customer_id IS NOT NULL), 0) AS average
     FROM (
       SELECT customer_id, count(*) AS total,
         count(*) FILTER (WHERE status = 'active') AS active,
         count(*) FILTER (WHERE status = 'inactive') AS inactive,
         count(*) FILTER (WHERE created_at >= $2::date) AS new
       FROM accounts WHERE organization_id = $1 AND created_at < $2::date + 1 GROUP BY customer_id
     ) AS by_customer
   ) AS a
   ON CONFLICT (organization_id, date) DO UPDATE SET
     total_customers = excluded.total_customers, total_accounts = excluded.total_accounts,
     active_accounts = excluded.active_accounts, inactive_accounts = excluded.inactive_accounts,
     avg_accounts_per_customer = excluded.avg_accounts_per_customer,
     new_customers = excluded.new_customers, new_accounts = excluded.new_accounts, computed_at = now()
   RETURNING stored.date::text AS date, stored.total_customers, stored.total_accounts, stored.active_accounts,
     stored.inactive_accounts, stored.avg_accounts_per_customer, stored.new_customers, stored.new_accounts`,
);

// Nobody waits for this one at a screen, and it reads all of an organization's rows.
const ALLOW_TIME = statement('daily-aggregates.allow-time', `SELECT set_config('statement_timeout', '600000', true)`);

/** The stored aggregates of days, on the primary. */
@Injectable()
export class DailyAggregateRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Counts one day of one organization and stores it in place of what was there. To be called in a transaction. */
  async recompute(organizationId: number, date: string): Promise<DailyAggregate> {
    await this.primary.query(ALLOW_TIME);
    const [row] = await this.primary.query<Record<keyof DailyAggregate, string>>(RECOMPUTE, [organizationId, date]);
    if (row === undefined) throw new Error('The stored aggregate was not returned');
    return {
      date: row.date,
      total_customers: Number(row.total_customers),
      total_accounts: Number(row.total_accounts),
      active_accounts: Number(row.active_accounts),
      inactive_accounts: Number(row.inactive_accounts),
      avg_accounts_per_customer: Number(row.avg_accounts_per_customer),
      new_customers: Number(row.new_customers),
      new_accounts: Number(row.new_accounts),
    };
  }
}
