/** Fills empty totals from the rows that are there. Whoever calls it keeps others from changing these meanwhile. */
const FILL_TOTALS = `CREATE FUNCTION rollups_fill_totals() RETURNS void LANGUAGE plpgsql SET work_mem = '256MB' AS $body$
BEGIN
  INSERT INTO public.customer_totals (organization_id, customer_id, accounts, active)
  SELECT organization_id, customer_id, count(*), count(*) FILTER (WHERE status = 'active')
  FROM public.accounts WHERE customer_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2;

  INSERT INTO public.status_totals (organization_id, status, accounts)
  SELECT organization_id, status, count(*) FROM public.accounts GROUP BY 1, 2;

  INSERT INTO public.organization_totals
    (organization_id, customers, accounts, accounts_of_customers, customers_with_account)
  SELECT organization_id, sum(customers), sum(accounts), sum(owned), sum(owners)
  FROM (
    SELECT organization_id, count(*) AS customers, 0 AS accounts, 0 AS owned, 0 AS owners
    FROM public.customers GROUP BY 1
    UNION ALL SELECT organization_id, 0, sum(accounts), 0, 0 FROM public.status_totals GROUP BY 1
    UNION ALL SELECT organization_id, 0, 0, sum(accounts), count(*) FROM public.customer_totals GROUP BY 1
  ) AS part
  GROUP BY 1;
END $body$`;

/** Of rows that were deleted before nothing is known: what is there was created when it says, and nothing was deleted. */
const FILL_FLOWS = `CREATE FUNCTION rollups_fill_flows() RETURNS void LANGUAGE plpgsql SET work_mem = '256MB' AS $body$
DECLARE
  finer record;
BEGIN
  INSERT INTO public.flow_totals (organization_id, minutes, starts_at, customers_created, customers_deleted,
    accounts_created, accounts_deleted, accounts_active)
  SELECT organization_id, 15, quarter, sum(customers), 0, sum(accounts), 0, sum(active)
  FROM (
    SELECT organization_id, date_bin('15 minutes', created_at, timestamp '2000-01-01') AS quarter,
      count(*) AS customers, 0 AS accounts, 0 AS active
    FROM public.customers GROUP BY 1, 2
    UNION ALL
    SELECT organization_id, date_bin('15 minutes', created_at, timestamp '2000-01-01'),
      0, count(*), count(*) FILTER (WHERE status = 'active')
    FROM public.accounts GROUP BY 1, 2
  ) AS part
  GROUP BY 1, 3 ORDER BY 1, 3;

  FOR finer IN SELECT * FROM (VALUES (15, 60), (60, 360), (360, 1440)) AS grain (minutes, coarse) LOOP
    INSERT INTO public.flow_totals
    SELECT organization_id, finer.coarse, date_bin(make_interval(mins => finer.coarse), starts_at, timestamp '2000-01-01'),
      sum(customers_created), sum(customers_deleted), sum(accounts_created), sum(accounts_deleted), sum(accounts_active)
    FROM public.flow_totals WHERE minutes = finer.minutes GROUP BY 1, 3 ORDER BY 1, 3;
  END LOOP;
END $body$`;

export const CREATE_FILL: readonly string[] = [FILL_TOTALS, FILL_FLOWS];
