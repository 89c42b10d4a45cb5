import type { ApiStage } from '../support/api-process.js';

type Database = Pick<ApiStage, 'sql'>;

/**
 * Puts customers into the database past the API, with times and names that tie: lists must still have one order. Five
 * made in each second, every third of the same name.
 */
export async function plantTiedCustomers({ sql }: Database, organizationId: number, count: number): Promise<void> {
  await sql(
    `INSERT INTO customers (organization_id, name, email, created_at, updated_at)
     SELECT $1, CASE WHEN i % 3 = 0 THEN 'Tie' ELSE 'Customer ' || i % 7 || ' é' END, 'tied' || i || '@example.com', t, t
     FROM generate_series(1, $2) i, LATERAL (SELECT timestamp '2026-03-01 12:00:00.000001' + i / 5 * interval '1 s') x(t)
     ORDER BY i * 7919 % $2`,
    [organizationId, count],
  );
}

/** The same for accounts, of all of the organization's customers in turn. */
export async function plantTiedAccounts({ sql }: Database, organizationId: number, count: number): Promise<void> {
  await sql(
    `WITH owners AS (SELECT array_agg(id) AS ids FROM customers WHERE organization_id = $1)
     INSERT INTO accounts (organization_id, customer_id, name, status, created_at, updated_at)
     SELECT $1, ids[1 + i % array_length(ids, 1)], CASE WHEN i % 3 = 0 THEN 'Tie' ELSE 'Account ' || i % 7 END,
       (ARRAY['active', 'inactive', 'suspended', 'pending'])[1 + i % 4], t, t
     FROM owners, generate_series(1, $2) i, LATERAL (SELECT timestamp '2026-03-01 12:00:00.000001' + i / 5 * interval '1 s') x(t)`,
    [organizationId, count],
  );
}

/** Customers of about `nameLength` characters a name, where the amount is what matters. */
export async function plantManyCustomers(
  { sql }: Database,
  organizationId: number,
  count: number,
  nameLength = 20,
): Promise<void> {
  await sql(
    `INSERT INTO customers (organization_id, name, email)
     SELECT $1, repeat('x', $3) || ' ' || i % 10, 'many' || i || '@example.com' FROM generate_series(1, $2) i`,
    [organizationId, count, nameLength],
  );
}
