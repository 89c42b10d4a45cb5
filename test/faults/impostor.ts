import pg from 'pg';
import { migrate } from '../support/api-process.js';
import { startThrowAwayCluster } from '../support/throw-away-cluster.js';

/** A database of another system that lets the same user in and has rows of the same keys, all of them different. */
export interface Impostor {
  url: string;
  remove(): Promise<void>;
}

/** `original`: whose sign-in it accepts and whose organization it pretends to have. */
export async function startImpostor(original: {
  cluster: { primary: { url: string } };
  admin: { organizationId: number };
}): Promise<Impostor> {
  const { cluster, remove } = await startThrowAwayCluster(0);
  await migrate(cluster.primary.url);
  const client = new pg.Client({ connectionString: cluster.primary.url });
  await client.connect();
  const { username, password } = new URL(original.cluster.primary.url);
  const { organizationId } = original.admin;
  await client.query(
    `ALTER ROLE ${pg.escapeIdentifier(username)} PASSWORD ${pg.escapeLiteral(decodeURIComponent(password))}`,
  );
  await client.query('INSERT INTO organizations (id, name) SELECT i, $1 FROM generate_series(1, $2) i', [
    'Impostor',
    organizationId,
  ]);
  await client.query(
    `WITH own AS (INSERT INTO customers (organization_id, name, email)
       SELECT $1, 'Impostor', 'impostor' || i || '@example.com' FROM generate_series(1, 50) i RETURNING id)
     INSERT INTO accounts (organization_id, customer_id, name, status) SELECT $1, id, 'Impostor', 'active' FROM own`,
    [organizationId],
  );
  await client.end();
  return { url: cluster.primary.url, remove };
}
