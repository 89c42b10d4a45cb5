import type { QueryRunner } from 'typeorm';

type ColumnKind = 'id' | 'text' | 'time';

/** The tables of the Go service: what each column must be for Tandem to work on it. */
export const GO_TABLES: Readonly<Record<string, Readonly<Record<string, ColumnKind>>>> = {
  users: { id: 'id', username: 'text', password_hash: 'text', created_at: 'time' },
  customers: { id: 'id', name: 'text', email: 'text', created_at: 'time', updated_at: 'time' },
  accounts: { id: 'id', customer_id: 'id', name: 'text', status: 'text', created_at: 'time', updated_at: 'time' },
};

/** The types, as `format_type` names them without a length, that serve for each kind of column. */
export const COLUMN_TYPES: Readonly<Record<ColumnKind, readonly string[]>> = {
  id: ['integer'],
  text: ['character varying', 'text'],
  time: ['timestamp without time zone'],
};

/** Tables of Tandem's own; in a database of the Go service no table may have such a name already. */
export const OWN_TABLES = [
  'organizations',
  'jobs',
  'daily_aggregates',
  'drained_followers',
  'events',
  'events_default',
  'change_log_epochs',
  'change_log_dropped',
  'rollup_deltas',
  'rollup_state',
  'organization_totals',
  'status_totals',
  'customer_totals',
  'flow_totals',
  'opening_balances',
  'job_workers',
  'job_schedules',
  'imports',
  'import_chunks',
  'import_rejects',
  'import_trials',
  'webhooks',
  'webhook_secrets',
  'webhook_progress',
  'webhook_deliveries',
] as const;

/** The Go service's tables as it makes them, so that an empty database takes the same path as a full one. */
const DEFINITIONS = [
  `CREATE TABLE IF NOT EXISTS users (
    id serial PRIMARY KEY,
    username varchar(255) UNIQUE NOT NULL,
    password_hash varchar(255) NOT NULL,
    created_at timestamp
  )`,
  `CREATE TABLE IF NOT EXISTS customers (
    id serial PRIMARY KEY,
    name varchar(255) NOT NULL,
    email varchar(255) UNIQUE NOT NULL,
    created_at timestamp,
    updated_at timestamp
  )`,
  `CREATE TABLE IF NOT EXISTS accounts (
    id serial PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    status varchar(50) NOT NULL,
    created_at timestamp,
    updated_at timestamp
  )`,
];

export async function createMissingTables(runner: QueryRunner): Promise<undefined> {
  for (const definition of DEFINITIONS) await runner.query(definition);
}
