import { createSecretKey } from 'node:crypto';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import pg from 'pg';

/**
 * What a good engineer would write in Node with no framework behind it: fastify, pg with named statements, the token
 * verified with a KeyObject. One process, a pool of ten. It logs nothing, counts nothing and checks nothing it need not.
 */
const key = createSecretKey(Buffer.from(process.env.JWT_SECRET ?? ''));
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const time = (column: string): string => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ${column}`;
const COLUMNS = `id, name, email, ${time('created_at')}, ${time('updated_at')}`;
const ORDER = 'ORDER BY customers.created_at DESC, id DESC';

const query = async (name: string, text: string, values: unknown[]) => (await pool.query({ name, text, values })).rows;

const app = fastify({ logger: false });

app.get('/health', async () => ({ status: 'healthy' }));

app.register(
  async (api) => {
    api.decorateRequest('organization', 0);
    api.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
      try {
        const claims = jwt.verify((request.headers.authorization ?? '').slice('Bearer '.length), key, {
          algorithms: ['HS256'],
        });
        request.organization = (claims as { org: number }).org;
        done();
      } catch {
        void reply.code(401).send({ error: 'Invalid or expired token' });
      }
    });

    api.get<{ Params: { id: string } }>('/customers/:id', async ({ params, organization }, reply) => {
      const text = `SELECT ${COLUMNS} FROM customers WHERE id = $1 AND organization_id = $2`;
      const rows = await query('customer', text, [Number(params.id), organization]);
      return rows[0] ?? reply.code(404).send({ error: 'Customer not found' });
    });

    api.get<{ Querystring: { limit?: string } }>('/customers', ({ query: { limit }, organization }) => {
      const all = `SELECT ${COLUMNS} FROM customers WHERE organization_id = $1 ${ORDER}`;
      return limit === undefined
        ? query('customers', all, [organization])
        : query('page', `${all} LIMIT $2`, [organization, Number(limit)]);
    });

    api.post<{ Body: { name: string; email: string } }>('/customers', async ({ body, organization }, reply) => {
      const text = `INSERT INTO customers (organization_id, name, email) VALUES ($1, $2, $3) RETURNING ${COLUMNS}`;
      const rows = await query('insert', text, [organization, body.name, body.email]);
      return reply.code(201).send(rows[0]);
    });

    api.get('/analytics', async ({ organization }) => {
      const text = `SELECT (SELECT count(*) FROM customers WHERE organization_id = $1)::int AS total_customers,
        coalesce(sum(accounts), 0)::int AS total_accounts, coalesce(sum(active), 0)::int AS active_accounts,
        coalesce(sum(inactive), 0)::int AS inactive_accounts,
        coalesce(avg(accounts), 0)::float8 AS avg_accounts_per_customer
      FROM (SELECT count(*) AS accounts, count(*) FILTER (WHERE status = 'active') AS active,
          count(*) FILTER (WHERE status = 'inactive') AS inactive
        FROM accounts WHERE organization_id = $1 GROUP BY customer_id) AS by_customer`;
      return (await query('analytics', text, [organization]))[0];
    });
  },
  { prefix: '/api' },
);

declare module 'fastify' {
  interface FastifyRequest {
    organization: number;
  }
}

process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
