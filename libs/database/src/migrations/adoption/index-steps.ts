import type { MigrationStep } from '../migration-steps.js';
import { sqlStep } from '../migration-steps.js';
import { findTrigramClass } from './search-fold.step.js';

/** One table after the other, so that what is read for one index is still in memory for the next. */
const BTREES: readonly { table: string; name: string; columns: string }[] = [
  { table: 'customers', name: 'customers_organization_created_id_idx', columns: 'organization_id, created_at, id' },
  { table: 'customers', name: 'customers_organization_name_id_idx', columns: 'organization_id, name, id' },
  { table: 'accounts', name: 'accounts_customer_status_idx', columns: 'customer_id, status' },
  { table: 'accounts', name: 'accounts_organization_created_id_idx', columns: 'organization_id, created_at, id' },
  {
    table: 'accounts',
    name: 'accounts_organization_status_created_id_idx',
    columns: 'organization_id, status, created_at, id',
  },
  { table: 'accounts', name: 'accounts_organization_name_id_idx', columns: 'organization_id, name, id' },
];

const TRIGRAMS: readonly { table: string; name: string; columns: readonly string[] }[] = [
  { table: 'customers', name: 'customers_search_idx', columns: ['name', 'email'] },
  { table: 'accounts', name: 'accounts_search_idx', columns: ['name'] },
];

export const INDEX_STEPS: readonly MigrationStep[] = [
  ...BTREES.map(({ table, name, columns }) =>
    sqlStep(`Index ${table} by ${columns}`, `CREATE INDEX ${name} ON ${table} (${columns})`),
  ),
  ...TRIGRAMS.map(
    ({ table, name, columns }): MigrationStep => ({
      title: `Index ${table} for search in ${columns.join(' and ')}`,
      run: async (runner) => {
        const trigrams = await findTrigramClass(runner);
        const expressions = columns.map((column) => `search_fold(${column}) ${trigrams}`);
        await runner.query(`CREATE INDEX ${name} ON ${table} USING gin (${expressions.join(', ')})`);
        return undefined;
      },
    }),
  ),
];
