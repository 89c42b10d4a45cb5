/**
 * Everything is counted by the statement, from its transition tables, and grouped, so that a load of a million rows costs a
 * fraction of itself. Each function is one INSERT. Creations count in the quarter of an hour of `created_at`, so that
 * back-dated rows land where they belong; deletions and changes of the status in that of the transaction. Tables are named
 * with their schema: the session that changes the rows may have any search path.
 */
const DELTAS = 'public.rollup_deltas';
const quarterOf = (time: string) => `date_bin('15 minutes', ${time}, timestamp '2000-01-01')`;
const NOW = quarterOf(`(now() AT TIME ZONE 'UTC')`);

/** What an undo of a deletion says, in its transaction: when that was. The deletion is then taken back where it counts. */
const RESTORES = `(nullif(current_setting('tandem.restores', true), '')::timestamptz AT TIME ZONE 'UTC')`;

const CUSTOMERS_INSERTED = `DECLARE deleted_at timestamp := ${RESTORES};
BEGIN
  INSERT INTO ${DELTAS} (organization_id, bucket, customers_created, customers_deleted)
  SELECT organization_id, ${quarterOf('coalesce(deleted_at, created_at)')},
    CASE WHEN deleted_at IS NULL THEN count(*) ELSE 0 END, CASE WHEN deleted_at IS NULL THEN 0 ELSE -count(*) END
  FROM new_rows GROUP BY 1, 2;
  RETURN NULL;
END`;

const CUSTOMERS_DELETED = `BEGIN
  INSERT INTO ${DELTAS} (organization_id, bucket, customers_deleted)
  SELECT organization_id, ${NOW}, count(*) FROM old_rows GROUP BY 1;
  RETURN NULL;
END`;

/** A change of the organization or of the time of creation is a correction: as if it had always been so. */
const CUSTOMERS_UPDATED = `BEGIN
  INSERT INTO ${DELTAS} (organization_id, bucket, customers_created)
  SELECT organization_id, ${quarterOf('created_at')}, sum(customers)
  FROM (
    SELECT organization_id, created_at, -1 AS customers FROM old_rows
    UNION ALL SELECT organization_id, created_at, 1 FROM new_rows
  ) AS versions
  GROUP BY 1, 2 HAVING sum(customers) <> 0;
  RETURN NULL;
END`;

const ACCOUNTS_INSERTED = `DECLARE deleted_at timestamp := ${RESTORES};
BEGIN
  INSERT INTO ${DELTAS} (organization_id, customer_id, bucket, status, accounts_created, accounts_deleted, accounts)
  SELECT organization_id, customer_id, ${quarterOf('coalesce(deleted_at, created_at)')}, status,
    CASE WHEN deleted_at IS NULL THEN count(*) ELSE 0 END, CASE WHEN deleted_at IS NULL THEN 0 ELSE -count(*) END,
    count(*)
  FROM new_rows GROUP BY 1, 2, 3, 4;
  RETURN NULL;
END`;

const ACCOUNTS_DELETED = `BEGIN
  INSERT INTO ${DELTAS} (organization_id, customer_id, bucket, status, accounts_deleted, accounts)
  SELECT organization_id, customer_id, ${NOW}, status, count(*), -count(*) FROM old_rows GROUP BY 1, 2, 4;
  RETURN NULL;
END`;

/**
 * Other versions of a row are found by a full join, which PostgreSQL can't do by nested loops: the plan is made once, for
 * the session's first statement, and must do for one that changes a million rows as well. Where organization or quarter of
 * creation have changed the row is taken back there and counted here; else the change is one of this moment.
 */
const ACCOUNTS_UPDATED = `BEGIN
  INSERT INTO ${DELTAS} (organization_id, customer_id, bucket, status, accounts_created, accounts)
  SELECT version.organization_id, version.customer_id, version.bucket, version.status, sum(version.created),
    sum(version.accounts)
  FROM (
    SELECT o.organization_id AS old_organization, o.customer_id AS old_customer, o.status AS old_status,
      ${quarterOf('o.created_at')} AS old_quarter, o.id IS NOT NULL AS was,
      n.organization_id AS new_organization, n.customer_id AS new_customer, n.status AS new_status,
      ${quarterOf('n.created_at')} AS new_quarter, n.id IS NOT NULL AS "is"
    FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
    WHERE (o.organization_id, o.customer_id, o.status, o.created_at)
      IS DISTINCT FROM (n.organization_id, n.customer_id, n.status, n.created_at)
  ) AS pair
  CROSS JOIN LATERAL (
    SELECT (old_organization, old_quarter) IS DISTINCT FROM (new_organization, new_quarter) AS corrected
  ) AS change
  CROSS JOIN LATERAL (VALUES
    (was, old_organization, old_customer, CASE WHEN corrected THEN old_quarter ELSE ${NOW} END, old_status,
      CASE WHEN corrected THEN -1 ELSE 0 END, -1),
    ("is", new_organization, new_customer, CASE WHEN corrected THEN new_quarter ELSE ${NOW} END, new_status,
      CASE WHEN corrected THEN 1 ELSE 0 END, 1)
  ) AS version (counts, organization_id, customer_id, bucket, status, created, accounts)
  WHERE version.counts
  GROUP BY 1, 2, 3, 4 HAVING sum(version.created) <> 0 OR sum(version.accounts) <> 0;
  RETURN NULL;
END`;

const TRUNCATED = `BEGIN
  RAISE EXCEPTION '% cannot be truncated: nothing would count what is lost', TG_TABLE_NAME
    USING ERRCODE = 'feature_not_supported', HINT = 'DELETE the rows, or run: npm run reseed';
END`;

const OLD = 'OLD TABLE AS old_rows';
const NEW = 'NEW TABLE AS new_rows';

function countingTrigger(table: string, event: string, done: string, tables: string, body: string): string[] {
  const name = `rollups_${table}_${done}`;
  return [
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $body$ ${body} $body$`,
    `CREATE TRIGGER ${name} AFTER ${event} ON ${table} REFERENCING ${tables} FOR EACH STATEMENT EXECUTE FUNCTION ${name}()`,
  ];
}

export const CREATE_TRIGGERS: readonly string[] = [
  ...countingTrigger('customers', 'INSERT', 'inserted', NEW, CUSTOMERS_INSERTED),
  ...countingTrigger('customers', 'UPDATE', 'updated', `${OLD} ${NEW}`, CUSTOMERS_UPDATED),
  ...countingTrigger('customers', 'DELETE', 'deleted', OLD, CUSTOMERS_DELETED),
  ...countingTrigger('accounts', 'INSERT', 'inserted', NEW, ACCOUNTS_INSERTED),
  ...countingTrigger('accounts', 'UPDATE', 'updated', `${OLD} ${NEW}`, ACCOUNTS_UPDATED),
  ...countingTrigger('accounts', 'DELETE', 'deleted', OLD, ACCOUNTS_DELETED),
  `CREATE FUNCTION rollups_truncated() RETURNS trigger LANGUAGE plpgsql AS $body$ ${TRUNCATED} $body$`,
  ...['customers', 'accounts'].map(
    (table) =>
      `CREATE TRIGGER rollups_${table}_truncated BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION rollups_truncated()`,
  ),
];
