import pg from 'pg';

/** How one database of the Go service differs from another; the defaults are what the service itself makes. */
export interface GoDatabaseShape {
  customers?: number;
  accountsPerCustomer?: number;
  users?: number;
  /** The statement that makes e-mail addresses unique. */
  uniqueEmail?: string;
  /** What follows the type of every column but the key. */
  columnRule?: '' | 'NOT NULL';
  /** Of the time columns. */
  timeDefault?: string;
  /** Whether rows are added that nobody would think of. */
  odd?: boolean;
}

const DEFAULTS: Required<GoDatabaseShape> = {
  customers: 50,
  accountsPerCustomer: 3,
  users: 3,
  uniqueEmail: 'ALTER TABLE customers ADD UNIQUE (email)',
  columnRule: '',
  timeDefault: 'DEFAULT CURRENT_TIMESTAMP',
  odd: true,
};

/** Of the password `go-password`. */
export const GO_PASSWORD_HASH = '$2a$10$/Vi2JWMijzDBbU5Nw5g/IeFlit63n4VmOodIiG8fMuqBp4tGsGPZO';

/** Makes the tables of the Go service and fills them, in an empty database. */
export async function makeGoDatabase(url: string, shape: GoDatabaseShape = {}): Promise<void> {
  const wanted = { ...DEFAULTS, ...shape };
  await withClient(url, async (client) => {
    await client.query(tables(wanted));
    await client.query(
      `INSERT INTO users (username, password_hash, created_at)
        SELECT 'user' || i, $2, timestamp '2024-02-29 23:59:59.999999' + i * interval '1 day' FROM generate_series(1, $1) i`,
      [wanted.users, GO_PASSWORD_HASH],
    );
    await client.query(
      `INSERT INTO customers (name, email, created_at, updated_at)
        SELECT 'Customer ' || i, 'customer' || i || '@example.com', t, t + interval '3.000001 seconds'
        FROM generate_series(1, $1) i, LATERAL (SELECT timestamp '2024-01-01 00:00:00.000001' + i * interval '61.123457 s') x(t)`,
      [wanted.customers],
    );
    await client.query(
      `INSERT INTO accounts (customer_id, name, status, created_at, updated_at)
        SELECT c.id, 'Account ' || c.id || '-' || i, (ARRAY['active','inactive','suspended','pending'])[1 + (c.id + i) % 4],
          c.created_at, c.updated_at FROM customers c, generate_series(1, $1) i ORDER BY c.id, i`,
      [wanted.accountsPerCustomer],
    );
    if (wanted.odd) await client.query(ODD_ROWS);
    if (wanted.odd && wanted.columnRule === '') await client.query(NULL_ROWS);
  });
}

function tables({ columnRule, timeDefault, uniqueEmail }: Required<GoDatabaseShape>): string {
  return `
    CREATE TABLE customers (id SERIAL PRIMARY KEY, name VARCHAR(255) ${columnRule}, email VARCHAR(255) ${columnRule},
      created_at TIMESTAMP ${timeDefault} ${columnRule}, updated_at TIMESTAMP ${timeDefault} ${columnRule});
    ${uniqueEmail};
    CREATE TABLE accounts (id SERIAL PRIMARY KEY,
      customer_id INTEGER ${columnRule} REFERENCES customers(id) ON DELETE CASCADE,
      name VARCHAR(255) ${columnRule}, status VARCHAR(50) ${columnRule},
      created_at TIMESTAMP ${timeDefault} ${columnRule}, updated_at TIMESTAMP ${timeDefault} ${columnRule});
    CREATE TABLE users (id SERIAL PRIMARY KEY, username VARCHAR(255) UNIQUE ${columnRule},
      password_hash VARCHAR(255) ${columnRule}, created_at TIMESTAMP ${timeDefault} ${columnRule});
    CREATE TABLE notes (id int PRIMARY KEY, customer_id int REFERENCES customers(id), body text);
    INSERT INTO notes VALUES (1, NULL, 'not ours');`;
}

const ODD_ROWS = `
  INSERT INTO customers (name, email) VALUES
    ('Customer 1', 'CUSTOMER1@example.com'), ('Customer 1 ', 'customer1@EXAMPLE.com'), ('', ''), (' ', ' '),
    ('Zoë Ångström', 'zoe@example.com'), ('Zoe' || U&'\\0308' || ' Ångström', 'zoe2@example.com'),
    ('Дмитрий Жуков', 'дмитрий@пример.рф'), ('🦊 fox', 'fox+🦊@example.com'), (repeat('n', 255), repeat('e', 255)),
    (E'tab\\tnew\\nline', '"quoted"@example.com'), ('=1+1', 'formula@example.com');
  INSERT INTO customers (name, email, created_at, updated_at) VALUES
    ('Old', 'old@example.com', '0001-01-01', '1969-12-31 23:59:59.999999'),
    ('Future', 'future@example.com', '9999-12-31 23:59:59.999999', '2000-01-01'),
    ('Summer time', 'summer@example.com', '2024-03-31 02:30:00.123456', '2024-10-27 02:30:00.654321');
  INSERT INTO accounts (customer_id, name, status) SELECT id, 'Closed', 'closed' FROM customers WHERE name = 'Old';
  INSERT INTO accounts (customer_id, name, status) SELECT id, '', '' FROM customers WHERE name = 'Future';
  INSERT INTO accounts (customer_id, name, status) SELECT id, 'Большой', 'ACTIVE' FROM customers WHERE name = 'Old';
  INSERT INTO users (username, password_hash) VALUES ('USER1', 'x'), ('имя', 'y');
  DELETE FROM customers WHERE id % 17 = 0 AND id < 100;
  DELETE FROM users WHERE id = 1;
  SELECT setval('customers_id_seq', 1000000), setval('accounts_id_seq', 7000000, false);`;

const NULL_ROWS = `
  INSERT INTO customers (name, email, created_at, updated_at) VALUES
    ('No times', 'no-times@example.com', NULL, NULL), ('No change', 'no-change@example.com', '2024-05-05 05:05:05.555555', NULL);
  INSERT INTO customers (name, email) VALUES (NULL, 'no-name@example.com'), ('No e-mail', NULL), ('Nor this', NULL);
  INSERT INTO accounts (customer_id, name, status, created_at, updated_at)
    SELECT id, 'No creation', NULL, NULL, '2024-06-06 06:06:06.666666' FROM customers WHERE name = 'Old';
  INSERT INTO accounts (customer_id, name, status) VALUES (NULL, 'Of nobody', 'active');
  INSERT INTO users (username, password_hash, created_at) VALUES ('timeless', 'z', NULL);`;

/** Runs `work` on a connection of its own, whose times are text and whose zone is not UTC. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=America/New_York' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function rowsOf<Row>(url: string, query: string, values: unknown[] = []): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query(query, values)).rows as Row[]);
}

/** Every row of the Go service's columns and the state of its sequences, as text and in order. */
export async function goSnapshot(url: string): Promise<Record<string, unknown[]>> {
  return withClient(url, async (client) => {
    const read = async (query: string): Promise<unknown[]> => (await client.query(query)).rows;
    return {
      customers: await read(
        'SELECT id, name, email, created_at::text, updated_at::text, ctid::text FROM customers ORDER BY id',
      ),
      accounts: await read(
        'SELECT id, customer_id, name, status, created_at::text, updated_at::text, ctid::text FROM accounts ORDER BY id',
      ),
      users: await read('SELECT id, username, password_hash, created_at::text FROM users ORDER BY id'),
      sequences: await read(
        `SELECT s, pg_sequence_last_value(s::regclass)::text AS last_value FROM unnest(
          ARRAY['customers_id_seq', 'accounts_id_seq', 'users_id_seq']) s`,
      ),
      notes: await read('SELECT * FROM notes'),
    };
  });
}
