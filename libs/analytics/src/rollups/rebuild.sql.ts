import { DRIFT } from './drift.sql.js';
import { FLOW_GRAINS, startOfSpan } from './flow-grains.js';

/**
 * Puts a recount in the place of each total that differs from it, and touches no other: a rebuild of right totals writes
 * nothing. To be run in this order, in one snapshot in which no delta waits.
 */
export const REBUILD_TOTALS = [
  `INSERT INTO customer_totals (organization_id, customer_id, accounts, active)
   SELECT organization_id, key::int, coalesce((counted->>0)::bigint, 0), coalesce((counted->>1)::bigint, 0)
   FROM (${DRIFT.customers}) AS difference ORDER BY 1, 2
   ON CONFLICT (organization_id, customer_id) DO UPDATE SET accounts = excluded.accounts, active = excluded.active`,
  'DELETE FROM customer_totals WHERE accounts = 0 AND active = 0',
  `INSERT INTO status_totals (organization_id, status, accounts)
   SELECT organization_id, key, coalesce(counted::text::bigint, 0) FROM (${DRIFT.statuses}) AS difference
   ON CONFLICT (organization_id, status) DO UPDATE SET accounts = excluded.accounts`,
  `INSERT INTO organization_totals (organization_id, customers, accounts, accounts_of_customers, customers_with_account)
   SELECT organization_id, coalesce((counted->>'customers')::bigint, 0), coalesce((counted->>'accounts')::bigint, 0),
     coalesce((counted->>'owned')::bigint, 0), coalesce((counted->>'owners')::bigint, 0)
   FROM (${DRIFT.organizations}) AS difference
   ON CONFLICT (organization_id) DO UPDATE SET customers = excluded.customers, accounts = excluded.accounts,
     accounts_of_customers = excluded.accounts_of_customers, customers_with_account = excluded.customers_with_account`,
] as const;

/** The same for what happened when, which the change log knows. */
export const REBUILD_FLOWS = [
  'DELETE FROM flow_totals',
  `INSERT INTO flow_totals (organization_id, minutes, starts_at, customers_created, customers_deleted, accounts_created,
     accounts_deleted, accounts_active)
   SELECT organization_id, 15, bucket, customers_created, customers_deleted, accounts_created, accounts_deleted, active
   FROM rollups_from_log WHERE cut = 'quarter' ORDER BY 1, 3`,
  `INSERT INTO flow_totals (organization_id, minutes, starts_at, customers_created, customers_deleted, accounts_created,
     accounts_deleted, accounts_active)
   SELECT organization_id, grain.minutes, ${startOfSpan('grain.minutes', 'starts_at')}, sum(customers_created),
     sum(customers_deleted), sum(accounts_created), sum(accounts_deleted), sum(accounts_active)
   FROM flow_totals JOIN ${FLOW_GRAINS} ON flow_totals.minutes = 15 AND grain.minutes > 15
   GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  // When came or went what the log does not tell of nobody knows: it counts as if it had been so from the beginning of time.
  `INSERT INTO flow_totals AS t
   SELECT organization_id, key::smallint, '-infinity',
     coalesce((counted->>'customers')::bigint, 0) - coalesce((kept->>'customers')::bigint, 0), 0,
     coalesce((counted->>'accounts')::bigint, 0) - coalesce((kept->>'accounts')::bigint, 0), 0,
     coalesce((counted->>'active')::bigint, 0) - coalesce((kept->>'active')::bigint, 0)
   FROM (${DRIFT.flow_sums}) AS difference
   ON CONFLICT (organization_id, minutes, starts_at) DO UPDATE SET
     customers_created = t.customers_created + excluded.customers_created,
     accounts_created = t.accounts_created + excluded.accounts_created,
     accounts_active = t.accounts_active + excluded.accounts_active`,
] as const;
