import { COARSER_GRAINS, FLOW_GRAINS, startOfSpan } from './flow-grains.js';

/**
 * Where what readers are answered, which is the totals and the deltas that wait, differs from a recount of the rows. Each
 * query answers a row for each total that does: its organization, its key, and what is kept and counted, as JSON.
 */
const TAIL = `tail AS MATERIALIZED (
    SELECT * FROM rollup_deltas WHERE transaction >= coalesce((SELECT folded_below FROM rollup_state
      WHERE id AND folded_below <= pg_snapshot_xmax(pg_current_snapshot())), '0')
  )`;

const CUSTOMERS = `WITH ${TAIL}, counted AS (
    SELECT organization_id, customer_id, count(*) AS accounts, count(*) FILTER (WHERE status = 'active') AS active
    FROM accounts WHERE customer_id IS NOT NULL GROUP BY 1, 2
  ), kept AS (
    SELECT organization_id, customer_id, sum(accounts) AS accounts, sum(active) AS active
    FROM (
      SELECT organization_id, customer_id, accounts, active FROM customer_totals
      UNION ALL SELECT organization_id, customer_id, accounts, CASE WHEN status = 'active' THEN accounts ELSE 0 END
      FROM tail WHERE customer_id IS NOT NULL
    ) AS part
    GROUP BY 1, 2 HAVING sum(accounts) <> 0 OR sum(active) <> 0
  )
  SELECT organization_id, customer_id::text AS key, json_build_array(kept.accounts, kept.active) AS kept,
    json_build_array(counted.accounts, counted.active) AS counted
  FROM counted FULL JOIN kept USING (organization_id, customer_id)
  WHERE (counted.accounts, counted.active) IS DISTINCT FROM (kept.accounts, kept.active)`;

const STATUSES = `WITH ${TAIL}, counted AS (
    SELECT organization_id, coalesce(status, '') AS key, status IS NULL AS absent, count(*) AS accounts
    FROM accounts GROUP BY 1, 2, 3
  ), kept AS (
    SELECT organization_id, coalesce(status, '') AS key, status IS NULL AS absent, sum(accounts) AS accounts
    FROM (SELECT organization_id, status, accounts FROM status_totals
      UNION ALL SELECT organization_id, status, accounts FROM tail) AS part
    GROUP BY 1, 2, 3 HAVING sum(accounts) <> 0
  )
  SELECT organization_id, CASE WHEN absent THEN NULL ELSE key END AS key, to_json(kept.accounts) AS kept,
    to_json(counted.accounts) AS counted
  FROM counted FULL JOIN kept USING (organization_id, key, absent)
  WHERE counted.accounts IS DISTINCT FROM kept.accounts`;

/** Customers that have an account are counted as the totals of customers have them, which the first query has checked. */
const ORGANIZATIONS = `WITH ${TAIL}, counted AS (
    SELECT organization_id, sum(customers) AS customers, sum(accounts) AS accounts, sum(owned) AS owned, sum(owners) AS owners
    FROM (
      SELECT organization_id, count(*) AS customers, 0 AS accounts, 0 AS owned, 0 AS owners FROM customers GROUP BY 1
      UNION ALL SELECT organization_id, 0, count(*), count(customer_id), 0 FROM accounts GROUP BY 1
      UNION ALL SELECT organization_id, 0, 0, 0, count(*) FROM customer_totals WHERE accounts > 0 GROUP BY 1
    ) AS part
    GROUP BY 1
  ), kept AS (
    SELECT organization_id, sum(customers) AS customers, sum(accounts) AS accounts, sum(owned) AS owned, sum(owners) AS owners
    FROM (
      SELECT organization_id, customers, accounts, accounts_of_customers AS owned, customers_with_account AS owners
      FROM organization_totals
      UNION ALL SELECT organization_id, customers_created - customers_deleted, accounts,
        CASE WHEN customer_id IS NULL THEN 0 ELSE accounts END, 0 FROM tail
    ) AS part
    GROUP BY 1
  )
  SELECT organization_id, '' AS key, to_json(kept) AS kept, to_json(counted) AS counted
  FROM counted FULL JOIN kept USING (organization_id)
  WHERE (coalesce(counted.customers, 0), coalesce(counted.accounts, 0), coalesce(counted.owned, 0), coalesce(counted.owners, 0))
    <> (coalesce(kept.customers, 0), coalesce(kept.accounts, 0), coalesce(kept.owned, 0), coalesce(kept.owners, 0))`;

/** What was created less what was deleted is what is there, whichever spans one adds up. */
const FLOW_SUMS = `WITH ${TAIL}, flowed AS (
    SELECT organization_id, minutes, sum(customers) AS customers, sum(accounts) AS accounts, sum(active) AS active
    FROM (
      SELECT organization_id, minutes, customers_created - customers_deleted AS customers,
        accounts_created - accounts_deleted AS accounts, accounts_active AS active FROM flow_totals
      UNION ALL SELECT organization_id, minutes, customers_created - customers_deleted,
        accounts_created - accounts_deleted, CASE WHEN status = 'active' THEN accounts ELSE 0 END
      FROM tail, ${FLOW_GRAINS}
    ) AS part
    GROUP BY 1, 2
  ), there AS (
    SELECT organization_id, minutes, sum(customers) AS customers, sum(accounts) AS accounts, sum(active) AS active
    FROM (
      SELECT organization_id, count(*) AS customers, 0 AS accounts, 0 AS active FROM customers GROUP BY 1
      UNION ALL SELECT organization_id, 0, count(*), count(*) FILTER (WHERE status = 'active') FROM accounts GROUP BY 1
    ) AS part, ${FLOW_GRAINS}
    GROUP BY 1, 2
  )
  SELECT organization_id, minutes::text AS key, to_json(flowed) AS kept, to_json(there) AS counted
  FROM there FULL JOIN flowed USING (organization_id, minutes)
  WHERE (coalesce(flowed.customers, 0), coalesce(flowed.accounts, 0), coalesce(flowed.active, 0))
    <> (coalesce(there.customers, 0), coalesce(there.accounts, 0), coalesce(there.active, 0))`;

/** Hours are the sums of their quarters, and so on. */
const SPANS = `WITH summed AS (
    SELECT organization_id, coarse AS minutes, ${startOfSpan('coarse', 'starts_at')} AS starts_at,
      array[sum(customers_created), sum(customers_deleted), sum(accounts_created), sum(accounts_deleted),
        sum(accounts_active)] AS flows
    FROM flow_totals JOIN ${COARSER_GRAINS} USING (minutes)
    GROUP BY 1, 2, 3
  ), kept AS (
    SELECT organization_id, minutes, starts_at, array[customers_created, customers_deleted, accounts_created,
      accounts_deleted, accounts_active]::numeric[] AS flows
    FROM flow_totals WHERE minutes > 15
  )
  SELECT organization_id, minutes || ' ' || starts_at AS key, to_json(kept.flows) AS kept, to_json(summed.flows) AS counted
  FROM summed FULL JOIN kept USING (organization_id, minutes, starts_at)
  WHERE coalesce(summed.flows, array_fill(0::numeric, array[5])) <> coalesce(kept.flows, array_fill(0::numeric, array[5]))`;

export const DRIFT = {
  customers: CUSTOMERS,
  statuses: STATUSES,
  organizations: ORGANIZATIONS,
  flow_sums: FLOW_SUMS,
  flow_grains: SPANS,
} as const;

export type DriftKind = keyof typeof DRIFT;
