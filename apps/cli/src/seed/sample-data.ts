import type { SqlSession } from '@app/database';
import { SAMPLE_CUSTOMERS } from './sample-customers.js';

const ACCOUNT_NAMES = ['Main account', 'Operations', 'Marketing', 'Payroll', 'Research', 'Online shop'] as const;
/** How often each status comes, in the order in which accounts are made. */
const STATUSES = ['active', 'active', 'pending', 'active', 'inactive', 'active', 'active', 'suspended'] as const;
const DAY_MS = 86_400_000;
const DAYS_BETWEEN_CUSTOMERS = 11;

/**
 * Plants a few dozen customers with up to six accounts each: the same ones every time, the newest created today, the
 * others spread over the year before.
 */
export async function plantSampleData(
  session: SqlSession,
  organizationId: number,
): Promise<{ customers: number; accounts: number }> {
  const now = Date.now();
  let accounts = 0;
  for (const [index, { name, email }] of SAMPLE_CUSTOMERS.entries()) {
    const age = (SAMPLE_CUSTOMERS.length - 1 - index) * DAYS_BETWEEN_CUSTOMERS * DAY_MS + (index % 7) * 3_541_127;
    const [customer] = await session.query<{ id: number }>(
      'INSERT INTO customers (organization_id, name, email, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id',
      [organizationId, name, email, utc(now - age)],
    );
    const names = ACCOUNT_NAMES.slice(0, (index * 5 + 2) % 7);
    for (const [place, accountName] of names.entries()) {
      const createdAt = now - age * (1 - place / 8);
      const status = STATUSES[(accounts + place) % STATUSES.length];
      await session.query(
        `INSERT INTO accounts (organization_id, customer_id, name, status, created_at, updated_at)
          VALUES ($1, $2, $3, $4, $5, $5)`,
        [organizationId, customer?.id, accountName, status, utc(createdAt)],
      );
      accounts += 1;
    }
  }
  return { customers: SAMPLE_CUSTOMERS.length, accounts };
}

/** Times are stored without a zone, in UTC. */
function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
}
