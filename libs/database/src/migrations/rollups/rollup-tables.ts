/**
 * What changed and is not yet in the totals. `transaction` lets readers begin behind what was folded: the rows before stay
 * on the disk for as long as anybody's snapshot may see them, and are not even looked at.
 */
const DELTAS = `CREATE TABLE rollup_deltas (
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  organization_id integer NOT NULL,
  customer_id integer,
  bucket timestamp NOT NULL,
  status text,
  customers_created integer NOT NULL DEFAULT 0,
  customers_deleted integer NOT NULL DEFAULT 0,
  accounts_created integer NOT NULL DEFAULT 0,
  accounts_deleted integer NOT NULL DEFAULT 0,
  accounts integer NOT NULL DEFAULT 0
) WITH (
  vacuum_truncate = false,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_threshold = 2000000000
)`;

/** One row: everything of transactions before `folded_below` is in the totals. */
const STATE = `CREATE TABLE rollup_state (
  id boolean PRIMARY KEY DEFAULT true CONSTRAINT rollup_state_one_row CHECK (id),
  folded_below xid8 NOT NULL DEFAULT '0',
  folded_at timestamptz NOT NULL DEFAULT now(),
  folds bigint NOT NULL DEFAULT 0,
  folded_deltas bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10)`;

const ORGANIZATIONS = `CREATE TABLE organization_totals (
  organization_id integer PRIMARY KEY,
  customers bigint NOT NULL,
  accounts bigint NOT NULL,
  accounts_of_customers bigint NOT NULL,
  customers_with_account bigint NOT NULL
) WITH (fillfactor = 50)`;

/** A status that is NULL is counted as well: adopted rows may have none. */
const STATUSES = `CREATE TABLE status_totals (
  organization_id integer NOT NULL,
  status text,
  accounts bigint NOT NULL,
  CONSTRAINT status_totals_key UNIQUE NULLS NOT DISTINCT (organization_id, status)
) WITH (fillfactor = 50)`;

const CUSTOMERS = `CREATE TABLE customer_totals (
  organization_id integer NOT NULL,
  customer_id integer NOT NULL,
  accounts bigint NOT NULL,
  active bigint NOT NULL,
  PRIMARY KEY (organization_id, customer_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05)`;

/** What happened in each quarter of an hour (UTC), and the sums of that over hours, six hours and days. */
const FLOWS = `CREATE TABLE flow_totals (
  organization_id integer NOT NULL,
  minutes smallint NOT NULL CONSTRAINT flow_totals_minutes_check CHECK (minutes IN (15, 60, 360, 1440)),
  starts_at timestamp NOT NULL,
  customers_created bigint NOT NULL,
  customers_deleted bigint NOT NULL,
  accounts_created bigint NOT NULL,
  accounts_deleted bigint NOT NULL,
  accounts_active bigint NOT NULL,
  PRIMARY KEY (organization_id, minutes, starts_at)
) WITH (fillfactor = 80)`;

export const CREATE_TABLES: readonly string[] = [
  DELTAS,
  'CREATE INDEX rollup_deltas_transaction_organization_idx ON rollup_deltas (transaction, organization_id)',
  STATE,
  'INSERT INTO rollup_state DEFAULT VALUES',
  ORGANIZATIONS,
  STATUSES,
  CUSTOMERS,
  FLOWS,
];
