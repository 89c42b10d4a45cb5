import { statement } from '@app/database';
import type { ServerPool } from '../../../libs/database/src/servers/server-pool.js';
import { quantile } from '../../load/quantile.js';

export interface StatementFigures {
  title: string;
  statements: number;
  /** Median microseconds of the statement alone, as a service without tokens would send it. */
  alone: number;
  /** The same with the log's position asked for in the same message. */
  withPosition: number;
}

const READ = statement('bench-read', 'SELECT id, name, email FROM customers WHERE organization_id = $1 AND id = $2');
const INSERT = statement(
  'bench-insert',
  'INSERT INTO customers (organization_id, name, email) VALUES ($1, $2, $3) RETURNING id, name, email',
);

/** What the position costs that every answer's token is made of: the same statement with and without it, in turn. */
export async function timeStatements(
  pools: { primary: ServerPool; primaryRead: ServerPool },
  organizationId: number,
  count: number,
): Promise<StatementFigures[]> {
  const run = Date.now().toString(36);
  const [first] = await pools.primaryRead.query<{ id: number }>(
    'SELECT id FROM customers WHERE organization_id = $1 LIMIT 1',
    [organizationId],
  );
  const id = first?.id;
  const read = { title: 'SELECT by id', pool: pools.primaryRead, query: READ, values: () => [organizationId, id] };
  const insert = {
    title: 'INSERT and commit',
    pool: pools.primary,
    query: INSERT,
    values: (index: number) => [organizationId, `Bench ${index}`, `bench.${index}.${run}@example.com`],
  };
  const all: StatementFigures[] = [];
  for (const { title, pool, query, values } of [read, insert]) {
    const times: [number[], number[]] = [[], []];
    for (let index = 0; index < count * 2; index++) {
      const startedAt = performance.now();
      if (index % 2 === 0) await pool.query(query, values(index));
      else await pool.queryAt(query, values(index));
      times[(index % 2) as 0 | 1].push((performance.now() - startedAt) * 1000);
    }
    const [alone, withPosition] = times.map((list) => quantile(Float64Array.from(list).sort(), 0.5));
    all.push({ title, statements: count, alone: alone ?? 0, withPosition: withPosition ?? 0 });
  }
  return all;
}
