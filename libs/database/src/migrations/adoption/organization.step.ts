import type { QueryRunner } from 'typeorm';

/** What the one organization of an adopted database is called until somebody renames it. */
const NAME = 'Default organization';

/** Makes the table and, where there is anything that must belong to somebody, the one organization. */
export async function createOrganization(runner: QueryRunner): Promise<string | undefined> {
  await runner.query(`CREATE TABLE organizations (
    id serial PRIMARY KEY,
    name varchar(255) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`);
  const [rows] = await runner.query(
    `SELECT EXISTS (SELECT FROM users) OR EXISTS (SELECT FROM customers) OR EXISTS (SELECT FROM accounts) AS present`,
  );
  if (!rows.present) return undefined;
  await runner.query('INSERT INTO organizations (name) VALUES ($1)', [NAME]);
  return `All users, customers and accounts go to the organization "${NAME}"`;
}

/** The id of that organization, or null in an empty database. */
export async function findOrganizationId(runner: QueryRunner): Promise<number | null> {
  const [row] = await runner.query('SELECT max(id) AS id FROM organizations');
  return row.id;
}
