/**
 * The reads are functions so that their plans are pinned: a plan that was made while the tables were empty reads them
 * whole, and a follower's sessions would keep it while they grow to millions. STABLE functions read with the snapshot of the
 * statement that calls them, so an answer is of one moment however many statements the function is made of.
 */
const PINNED = `LANGUAGE plpgsql STABLE
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan SET jit = off`;

/**
 * Everything of earlier transactions is in the totals. In a database that was restored from a dump the numbers of
 * transactions begin anew, which shows in one that is still to come.
 */
const FOLDED_BELOW = `coalesce((SELECT folded_below FROM public.rollup_state
    WHERE id AND folded_below <= pg_snapshot_xmax(pg_current_snapshot())), '0')`;

const OVERVIEW = `CREATE FUNCTION rollups_overview(wanted integer)
RETURNS TABLE (total_customers bigint, total_accounts bigint, accounts_per_customer numeric, statuses json)
${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  below xid8 := ${FOLDED_BELOW};
BEGIN
  RETURN QUERY
  WITH tail AS MATERIALIZED (
    SELECT customer_id, status, sum(customers_created - customers_deleted) AS customers, sum(accounts) AS accounts
    FROM public.rollup_deltas WHERE transaction >= below AND organization_id = wanted GROUP BY 1, 2
  ), changed AS MATERIALIZED (
    SELECT change, coalesce((SELECT t.accounts FROM public.customer_totals AS t
      WHERE t.organization_id = wanted AND t.customer_id = c.customer_id), 0) AS before
    FROM (
      SELECT customer_id, sum(accounts) AS change FROM tail WHERE customer_id IS NOT NULL GROUP BY 1
      HAVING sum(accounts) <> 0
    ) AS c
  ), sums AS (
    SELECT coalesce(sum(customers), 0) AS customers, coalesce(sum(accounts), 0) AS accounts,
      coalesce(sum(accounts) FILTER (WHERE customer_id IS NOT NULL), 0) AS owned,
      (SELECT coalesce(sum((before + change > 0)::int - (before > 0)::int), 0) FROM changed) AS owners
    FROM tail
  ), by_status AS (
    SELECT status, sum(accounts) AS accounts
    FROM (
      SELECT status, accounts FROM public.status_totals WHERE organization_id = wanted
      UNION ALL SELECT status, accounts FROM tail
    ) AS part
    GROUP BY 1 HAVING sum(accounts) <> 0
  )
  SELECT (coalesce(t.customers, 0) + s.customers)::bigint, (coalesce(t.accounts, 0) + s.accounts)::bigint,
    coalesce((coalesce(t.accounts_of_customers, 0) + s.owned)
      / nullif(coalesce(t.customers_with_account, 0) + s.owners, 0)::numeric, 0),
    (SELECT coalesce(json_agg(json_build_array(status, accounts) ORDER BY status COLLATE "C"), '[]') FROM by_status)
  FROM sums AS s LEFT JOIN public.organization_totals AS t ON t.organization_id = wanted;
END $body$`;

const OF_CUSTOMER = `CREATE FUNCTION rollups_of_customer(wanted integer, customer bigint)
RETURNS TABLE (total_accounts bigint, active_accounts bigint)
${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  below xid8 := ${FOLDED_BELOW};
BEGIN
  RETURN QUERY
  SELECT coalesce(sum(accounts), 0)::bigint, coalesce(sum(active), 0)::bigint
  FROM (
    SELECT accounts, active FROM public.customer_totals WHERE organization_id = wanted AND customer_id = customer
    UNION ALL
    SELECT accounts, CASE WHEN status = 'active' THEN accounts ELSE 0 END
    FROM public.rollup_deltas WHERE transaction >= below AND organization_id = wanted AND customer_id = customer
  ) AS part;
END $body$`;

export const CREATE_READS: readonly string[] = [OVERVIEW, OF_CUSTOMER];
export { FOLDED_BELOW, PINNED };
