import type { SqlSession } from '@app/database';
import type { ProgressPrinter } from '../progress-printer.js';
import { plantBigSet } from './big-set.js';
import { plantSampleData } from './sample-data.js';
import type { SeedPlan } from './seed-plan.js';

const ORGANIZATION = 'Sample';
const ADMIN = 'admin';

/** Plants what the plan asks for, for one organization. Runs in the caller's transaction, in empty tables. */
export async function plantSeed(
  session: SqlSession,
  plan: SeedPlan,
  passwordHash: string | undefined,
  printer: ProgressPrinter,
): Promise<void> {
  const organizationId = await createOrganization(session);
  if (passwordHash === undefined) {
    printer.line('No administrator was made: in production SEED_ADMIN_PASSWORD must be set for that');
  } else {
    await createAdmin(session, organizationId, passwordHash);
  }
  if (plan.sampleData) {
    const { customers, accounts } = await plantSampleData(session, organizationId);
    printer.line(`Seeded ${customers} sample customers with ${accounts} accounts`);
  }
  if (plan.bigSet) await plantBigSet(session, organizationId, plan.bigSet, printer);
}

async function createOrganization(session: SqlSession): Promise<number> {
  const [row] = await session.query<{ id: number }>('INSERT INTO organizations (name) VALUES ($1) RETURNING id', [
    ORGANIZATION,
  ]);
  if (row === undefined) throw new Error('The organization was not inserted');
  return row.id;
}

async function createAdmin(session: SqlSession, organizationId: number, passwordHash: string): Promise<void> {
  await session.query(
    `INSERT INTO users (organization_id, username, password_hash, role, is_operator) VALUES ($1, $2, $3, 'admin', true)`,
    [organizationId, ADMIN, passwordHash],
  );
}
