import { statement } from '@app/database';
import { FLOW_GRAINS, startOfSpan } from './flow-grains.js';
import { ROLLUP_LOCK } from './rollup-lock.js';

const SETTINGS = `set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'off', true),
     set_config('plan_cache_mode', 'force_generic_plan', true)`;

/**
 * Keeps the plan on the index, in this transaction: the table of deltas is empty most of the time, and its file may be large
 * after a load. A plan made while it is empty would also join by nested loops what may be ten thousand customers by then.
 */
export const PLAN_OF_FOLDS = statement('rollups.plan-of-folds', `SELECT ${SETTINGS}`);

/** Whether this transaction is the one that folds. */
export const BEGIN_FOLD = statement(
  'rollups.begin-fold',
  `SELECT pg_try_advisory_xact_lock(${ROLLUP_LOCK.join(', ')}) AS locked, ${SETTINGS},
     set_config('statement_timeout', '120000', true)`,
);

/**
 * Moves up to $1 deltas into the totals, the oldest first; $2 looks at all of them instead of those behind the last fold.
 * Deleting a delta is what makes it count once: who does not delete it does not add it.
 *
 * `folded_below` is of the snapshot that the deltas were taken by: every transaction before its xmin has ended, so its deltas
 * were visible and are gone, unless the batch was full: then only those before its last one are known to be.
 */
export const FOLD = statement(
  'rollups.fold',
  `WITH state AS MATERIALIZED (
     SELECT CASE WHEN NOT $2 AND folded_below <= pg_snapshot_xmax(pg_current_snapshot()) THEN folded_below ELSE '0' END
       AS below
     FROM rollup_state WHERE id
   ), batch AS (
     DELETE FROM rollup_deltas WHERE ctid = ANY (ARRAY(
       SELECT ctid FROM rollup_deltas WHERE transaction >= (SELECT below FROM state) ORDER BY transaction LIMIT $1
     ))
     RETURNING *
   ), size AS MATERIALIZED (
     SELECT count(*) AS deltas, CASE WHEN count(*) < $1 THEN pg_snapshot_xmin(pg_current_snapshot())
       ELSE least(pg_snapshot_xmin(pg_current_snapshot()),
         (SELECT transaction FROM batch ORDER BY transaction DESC LIMIT 1)) END AS below
     FROM batch
   ), by_customer AS MATERIALIZED (
     SELECT organization_id, customer_id, sum(accounts) AS accounts,
       coalesce(sum(accounts) FILTER (WHERE status = 'active'), 0) AS active
     FROM batch WHERE customer_id IS NOT NULL GROUP BY 1, 2
     HAVING sum(accounts) <> 0 OR sum(accounts) FILTER (WHERE status = 'active') <> 0
   ), customers AS (
     INSERT INTO customer_totals AS t (organization_id, customer_id, accounts, active)
     SELECT organization_id, customer_id, accounts, active FROM by_customer ORDER BY 1, 2
     ON CONFLICT (organization_id, customer_id)
       DO UPDATE SET accounts = t.accounts + excluded.accounts, active = t.active + excluded.active
     RETURNING organization_id, customer_id, accounts, active
   ), crossings AS (
     SELECT organization_id, sum((now.accounts > 0)::int - (now.accounts - change.accounts > 0)::int) AS owners
     FROM customers AS now JOIN by_customer AS change USING (organization_id, customer_id) GROUP BY 1
   ), organizations AS (
     INSERT INTO organization_totals AS t
       (organization_id, customers, accounts, accounts_of_customers, customers_with_account)
     SELECT organization_id, customers, accounts, owned, coalesce(owners, 0)
     FROM (
       SELECT organization_id, sum(customers_created - customers_deleted) AS customers, sum(accounts) AS accounts,
         coalesce(sum(accounts) FILTER (WHERE customer_id IS NOT NULL), 0) AS owned
       FROM batch GROUP BY 1
     ) AS change LEFT JOIN crossings USING (organization_id)
     WHERE customers <> 0 OR accounts <> 0 OR owned <> 0 OR owners <> 0
     ORDER BY 1
     ON CONFLICT (organization_id) DO UPDATE SET customers = t.customers + excluded.customers,
       accounts = t.accounts + excluded.accounts,
       accounts_of_customers = t.accounts_of_customers + excluded.accounts_of_customers,
       customers_with_account = t.customers_with_account + excluded.customers_with_account
   ), statuses AS (
     INSERT INTO status_totals AS t (organization_id, status, accounts)
     SELECT organization_id, status, sum(accounts) FROM batch GROUP BY 1, 2 HAVING sum(accounts) <> 0 ORDER BY 1, 2
     ON CONFLICT (organization_id, status) DO UPDATE SET accounts = t.accounts + excluded.accounts
   ), flows AS (
     INSERT INTO flow_totals AS t (organization_id, minutes, starts_at, customers_created, customers_deleted,
       accounts_created, accounts_deleted, accounts_active)
     SELECT organization_id, minutes, ${startOfSpan('minutes', 'bucket')}, sum(customers_created), sum(customers_deleted),
       sum(accounts_created), sum(accounts_deleted), sum(active)
     FROM (
       SELECT organization_id, bucket, sum(customers_created) AS customers_created,
         sum(customers_deleted) AS customers_deleted, sum(accounts_created) AS accounts_created,
         sum(accounts_deleted) AS accounts_deleted,
         coalesce(sum(accounts) FILTER (WHERE status = 'active'), 0) AS active
       FROM batch GROUP BY 1, 2
     ) AS quarter CROSS JOIN ${FLOW_GRAINS}
     GROUP BY 1, 2, 3
     HAVING sum(customers_created) <> 0 OR sum(customers_deleted) <> 0 OR sum(accounts_created) <> 0
       OR sum(accounts_deleted) <> 0 OR sum(active) <> 0
     ORDER BY 1, 2, 3
     ON CONFLICT (organization_id, minutes, starts_at) DO UPDATE SET
       customers_created = t.customers_created + excluded.customers_created,
       customers_deleted = t.customers_deleted + excluded.customers_deleted,
       accounts_created = t.accounts_created + excluded.accounts_created,
       accounts_deleted = t.accounts_deleted + excluded.accounts_deleted,
       accounts_active = t.accounts_active + excluded.accounts_active
   ), recorded AS (
     UPDATE rollup_state SET folded_below = size.below, folded_at = now(), folds = folds + 1,
       folded_deltas = folded_deltas + size.deltas
     FROM size WHERE id AND size.deltas > 0
   )
   SELECT deltas::int AS deltas, (
     SELECT json_agg(json_build_array(organization_id, customer_id)) FROM customers WHERE accounts = 0 AND active = 0
   ) AS emptied
   FROM size`,
);

/** Customers without accounts have no row. One that a statement has just written it can't delete as well. */
export const FORGET_EMPTIED = statement(
  'rollups.forget-emptied',
  `DELETE FROM customer_totals WHERE ctid = ANY (ARRAY(
     SELECT (SELECT t.ctid FROM customer_totals AS t WHERE t.organization_id = (key->>0)::int
       AND t.customer_id = (key->>1)::int AND t.accounts = 0 AND t.active = 0)
     FROM json_array_elements($1::json) AS key
   ))`,
);

export const COUNT_WAITING = statement(
  'rollups.count-waiting',
  `SELECT count(*)::int AS waiting FROM rollup_deltas WHERE transaction >= coalesce((SELECT folded_below FROM rollup_state
     WHERE id AND folded_below <= pg_snapshot_xmax(pg_current_snapshot())), '0')`,
);
