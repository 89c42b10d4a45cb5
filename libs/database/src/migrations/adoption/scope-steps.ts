import type { QueryRunner } from 'typeorm';
import { type MigrationStep, sqlStep } from '../migration-steps.js';
import { findOrganizationId } from './organization.step.js';

const REFERENCE = 'FOREIGN KEY (organization_id) REFERENCES organizations ON DELETE CASCADE';

/** Unique indexes, whether of a constraint or bare, whose one key column is `email`. */
const UNIQUE_EMAIL = `SELECT quote_ident(i.relname) AS "index", quote_ident(c.conname) AS "constraint"
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attname = 'email' AND a.attnum = x.indkey[0]
  LEFT JOIN pg_constraint c ON c.conindid = x.indexrelid AND c.conrelid = x.indrelid
  WHERE x.indrelid = 'customers'::regclass AND x.indisunique AND x.indnkeyatts = 1`;

/** Foreign keys of accounts.customer_id that don't delete accounts with their customer. */
const WEAK_REFERENCES = `SELECT quote_ident(conname) AS "constraint" FROM pg_constraint
  WHERE contype = 'f' AND conrelid = 'accounts'::regclass AND confrelid = 'customers'::regclass AND confdeltype <> 'c'`;
const STRONG_REFERENCE = `SELECT FROM pg_constraint WHERE contype = 'f' AND conrelid = 'accounts'::regclass
  AND confrelid = 'customers'::regclass AND confdeltype = 'c'`;

/** Lets every row belong to an organization, and e-mail addresses be unique within one instead of everywhere. */
export const SCOPE_STEPS: readonly MigrationStep[] = [
  { title: 'Give users an organization and a role', run: scopeUsers },
  { title: 'Give customers an organization', run: (runner) => scopeTable(runner, 'customers') },
  sqlStep(
    'Check the organization of customers',
    `ALTER TABLE customers ADD CONSTRAINT customers_organization_id_fkey ${REFERENCE}`,
  ),
  { title: 'Give accounts an organization', run: (runner) => scopeTable(runner, 'accounts') },
  { title: 'Check the customer of accounts', run: strengthenReference },
  { title: 'Drop the uniqueness of e-mail addresses', run: dropUniqueEmail },
  sqlStep(
    'Make e-mail addresses unique per organization',
    'ALTER TABLE customers ADD CONSTRAINT customers_organization_email_key UNIQUE (organization_id, email)',
  ),
];

/** A constant default costs no rewrite of the table; dropped at once, so that nobody can forget the organization. */
async function scopeTable(runner: QueryRunner, table: string): Promise<undefined> {
  const id = await findOrganizationId(runner);
  const organization = id === null ? '' : `DEFAULT ${id}`;
  await runner.query(`ALTER TABLE ${table} ADD COLUMN organization_id integer NOT NULL ${organization}`);
  await runner.query(`ALTER TABLE ${table} ALTER COLUMN organization_id DROP DEFAULT`);
}

async function scopeUsers(runner: QueryRunner): Promise<undefined> {
  await scopeTable(runner, 'users');
  await runner.query(`ALTER TABLE users
    ADD CONSTRAINT users_organization_id_fkey ${REFERENCE},
    ADD COLUMN role varchar(16) NOT NULL DEFAULT 'admin'
      CONSTRAINT users_role_check CHECK (role IN ('admin', 'member', 'viewer')),
    ADD COLUMN is_operator boolean NOT NULL DEFAULT false`);
  await runner.query('ALTER TABLE users ALTER COLUMN role DROP DEFAULT');
  await runner.query('UPDATE users SET is_operator = true WHERE id = (SELECT min(id) FROM users)');
  await runner.query('CREATE INDEX users_organization_id_idx ON users (organization_id)');
}

async function strengthenReference(runner: QueryRunner): Promise<undefined> {
  for (const { constraint } of await runner.query(WEAK_REFERENCES)) {
    await runner.query(`ALTER TABLE accounts DROP CONSTRAINT ${constraint}`);
  }
  if ((await runner.query(STRONG_REFERENCE)).length > 0) return;
  await runner.query(`ALTER TABLE accounts ADD CONSTRAINT accounts_customer_id_cascade_fkey
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE`);
}

async function dropUniqueEmail(runner: QueryRunner): Promise<undefined> {
  for (const { index, constraint } of await runner.query(UNIQUE_EMAIL)) {
    await runner.query(constraint ? `ALTER TABLE customers DROP CONSTRAINT ${constraint}` : `DROP INDEX ${index}`);
  }
}
