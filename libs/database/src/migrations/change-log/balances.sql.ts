/**
 * What an organization had before the first event that is still in the log: at the adoption, and again each time a
 * partition is dropped. Sums in three cuts, which are those of the rollups: by customer, by status, by quarter of an hour.
 */
const BALANCES = `CREATE TABLE opening_balances (
  organization_id integer NOT NULL,
  cut text NOT NULL CONSTRAINT opening_balances_cut_check CHECK (cut IN ('customer', 'status', 'quarter')),
  customer_id integer,
  status text,
  bucket timestamp,
  accounts bigint NOT NULL DEFAULT 0,
  active bigint NOT NULL DEFAULT 0,
  customers_created bigint NOT NULL DEFAULT 0,
  customers_deleted bigint NOT NULL DEFAULT 0,
  accounts_created bigint NOT NULL DEFAULT 0,
  accounts_deleted bigint NOT NULL DEFAULT 0
)`;
const KEY = `CREATE UNIQUE INDEX opening_balances_key ON opening_balances
  (organization_id, cut, customer_id, status, bucket) NULLS NOT DISTINCT`;

const quarterOf = (time: string) => `date_bin('15 minutes', ${time}, timestamp '2000-01-01')`;
const utc = (time: string) => `(${time} AT TIME ZONE 'UTC')`;
const born = (json: string) => quarterOf(utc(`(${json} ->> 'created_at')::timestamptz`));
const NOW = quarterOf(utc('e.occurred_at'));
const RESTORED = `coalesce(${quarterOf(utc('e.restores'))}, ${born('e.after')})`;

const customerOf = (json: string) => `(${json} ->> 'customer_id')::int`;
const statusOf = (json: string) => `${json} ->> 'status'`;
const isCorrection = `${born('e.before')} <> ${born('e.after')}`;
const isOtherKind = `(${customerOf('e.before')}, ${statusOf('e.before')}) IS DISTINCT FROM (${customerOf('e.after')}, ${statusOf('e.after')})`;

/**
 * Each event as what it adds to the rollups; the columns are those of their deltas, so that the two can be compared. A row
 * that changed its id or organization was corrected: it is taken back where it had been created.
 */
const DELTAS = `CREATE VIEW change_log_deltas AS
  SELECT e.organization_id, e.logged_at, d.customer_id, d.bucket, d.status, d.customers_created, d.customers_deleted,
    d.accounts_created, d.accounts_deleted, d.accounts
  FROM events e CROSS JOIN LATERAL (
    SELECT NULL::int, ${RESTORED}, NULL::text, (e.restores IS NULL)::int, -(e.restores IS NOT NULL)::int, 0, 0, 0
      WHERE e.type = 'customer.created'
    UNION ALL SELECT NULL, CASE WHEN e.moved THEN ${born('e.before')} ELSE ${NOW} END, NULL,
      -e.moved::int, (NOT e.moved)::int, 0, 0, 0 WHERE e.type = 'customer.deleted'
    UNION ALL SELECT NULL, ${born('e.before')}, NULL, -1, 0, 0, 0, 0 WHERE e.type = 'customer.updated' AND ${isCorrection}
    UNION ALL SELECT NULL, ${born('e.after')}, NULL, 1, 0, 0, 0, 0 WHERE e.type = 'customer.updated' AND ${isCorrection}
    UNION ALL SELECT ${customerOf('e.after')}, ${RESTORED}, ${statusOf('e.after')}, 0, 0, (e.restores IS NULL)::int,
      -(e.restores IS NOT NULL)::int, 1 WHERE e.type = 'account.created'
    UNION ALL SELECT ${customerOf('e.before')}, CASE WHEN e.moved THEN ${born('e.before')} ELSE ${NOW} END,
      ${statusOf('e.before')}, 0, 0, -e.moved::int, (NOT e.moved)::int, -1 WHERE e.type = 'account.deleted'
    UNION ALL SELECT ${customerOf('e.before')}, CASE WHEN ${isCorrection} THEN ${born('e.before')} ELSE ${NOW} END,
      ${statusOf('e.before')}, 0, 0, -(${isCorrection})::int, 0, -1
      WHERE e.type = 'account.updated' AND (${isCorrection} OR ${isOtherKind})
    UNION ALL SELECT ${customerOf('e.after')}, CASE WHEN ${isCorrection} THEN ${born('e.after')} ELSE ${NOW} END,
      ${statusOf('e.after')}, 0, 0, (${isCorrection})::int, 0, 1
      WHERE e.type = 'account.updated' AND (${isCorrection} OR ${isOtherKind})
  ) d (customer_id, bucket, status, customers_created, customers_deleted, accounts_created, accounts_deleted, accounts)`;

const ACTIVE = `coalesce(sum(accounts) FILTER (WHERE status = 'active'), 0)`;

/** SQL: deltas in the three cuts. */
function cutsOf(deltas: string): string {
  return `SELECT organization_id, 'customer' AS cut, customer_id, NULL::text AS status, NULL::timestamp AS bucket,
      sum(accounts) AS accounts, ${ACTIVE} AS active, 0 AS customers_created, 0 AS customers_deleted,
      0 AS accounts_created, 0 AS accounts_deleted
    FROM ${deltas} WHERE customer_id IS NOT NULL GROUP BY 1, 3
    UNION ALL SELECT organization_id, 'status', NULL, status, NULL, sum(accounts), 0, 0, 0, 0, 0
    FROM ${deltas} WHERE accounts <> 0 GROUP BY 1, 4
    UNION ALL SELECT organization_id, 'quarter', NULL, NULL, bucket, 0, ${ACTIVE}, sum(customers_created),
      sum(customers_deleted), sum(accounts_created), sum(accounts_deleted)
    FROM ${deltas} GROUP BY 1, 5`;
}

/** What the rollups must be, from the log alone: the opening balances and every event since. */
const FROM_LOG = `CREATE VIEW rollups_from_log AS
  SELECT organization_id, cut, customer_id, status, bucket, sum(accounts) AS accounts, sum(active) AS active,
    sum(customers_created) AS customers_created, sum(customers_deleted) AS customers_deleted,
    sum(accounts_created) AS accounts_created, sum(accounts_deleted) AS accounts_deleted
  FROM (SELECT * FROM opening_balances UNION ALL ${cutsOf('change_log_deltas')}) part
  GROUP BY 1, 2, 3, 4, 5
  HAVING sum(accounts) <> 0 OR sum(active) <> 0 OR sum(customers_created) <> 0 OR sum(customers_deleted) <> 0
    OR sum(accounts_created) <> 0 OR sum(accounts_deleted) <> 0`;

/**
 * Takes the rows that are there for what was there before the log. For a log that tells nothing of customers and accounts
 * yet, in a transaction that lets nobody change them; answers how many organizations have anything.
 */
const OPEN = `CREATE FUNCTION change_log_open_balances() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET work_mem = '256MB' AS $$
BEGIN
  DELETE FROM public.opening_balances;
  DROP INDEX IF EXISTS public.opening_balances_key;
  INSERT INTO public.opening_balances ${cutsOf(`(
    SELECT organization_id, NULL::int AS customer_id, ${quarterOf('created_at')} AS bucket, NULL::text AS status,
      1 AS customers_created, 0 AS customers_deleted, 0 AS accounts_created, 0 AS accounts_deleted, 0 AS accounts
    FROM public.customers
    UNION ALL SELECT organization_id, customer_id, ${quarterOf('created_at')}, status, 0, 0, 1, 0, 1 FROM public.accounts) d`)};
  ${KEY.replace('ON opening', 'ON public.opening')};
  RETURN public.change_log_tell_balances(NULL);
END $$`;

/** One event for each organization (or for those named), so that readers of the log come by it as well. */
const TELL = `CREATE FUNCTION change_log_tell_balances(organizations integer[]) RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  told integer;
BEGIN
  INSERT INTO public.events (organization_id, epoch, xid, transaction, type, entity, entity_id, actor, occurred_at, after)
  SELECT b.organization_id, (SELECT max(epoch) FROM public.change_log_epochs),
    greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
    pg_current_xact_id()::text::bigint, 'balance.opened', 'balance', b.organization_id::text,
    '{"type":"system","id":null,"name":null}', now(),
    json_build_object('customers', sum(b.customers_created - b.customers_deleted),
      'accounts', sum(b.accounts_created - b.accounts_deleted),
      'accounts_by_status', coalesce(json_object_agg(coalesce(b.status, ''), b.accounts) FILTER (WHERE b.cut = 'status'), '{}'))
  FROM public.opening_balances b
  WHERE b.cut IN ('status', 'quarter') AND (organizations IS NULL OR b.organization_id = ANY (organizations))
  GROUP BY 1;
  GET DIAGNOSTICS told = ROW_COUNT;
  RETURN told;
END $$`;

/** Adds what the events of a stretch of time say to the balances, before they go. */
const CARRY = `CREATE FUNCTION change_log_carry_forward(since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET work_mem = '256MB' AS $$
BEGIN
  INSERT INTO public.opening_balances AS b
  ${cutsOf('(SELECT * FROM public.change_log_deltas WHERE logged_at >= since AND logged_at < until) d')}
  ON CONFLICT (organization_id, cut, customer_id, status, bucket) DO UPDATE SET accounts = b.accounts + excluded.accounts,
    active = b.active + excluded.active, customers_created = b.customers_created + excluded.customers_created,
    customers_deleted = b.customers_deleted + excluded.customers_deleted,
    accounts_created = b.accounts_created + excluded.accounts_created,
    accounts_deleted = b.accounts_deleted + excluded.accounts_deleted;
  DELETE FROM public.opening_balances WHERE cut = 'customer' AND accounts = 0 AND active = 0;
END $$`;

export const CREATE_BALANCES: readonly string[] = [BALANCES, KEY, DELTAS, FROM_LOG, TELL, OPEN, CARRY];
