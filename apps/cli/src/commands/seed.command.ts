import { hashPassword } from '@app/identity';
import { inTransaction, withSession } from '../database-session.js';
import { plantSeed } from '../seed/plant-seed.js';
import { lockSeeding, prepareSeeding } from '../seed/preconditions.js';
import { seedPlan } from '../seed/seed-plan.js';
import { isEmpty, vacuumTables } from '../seed/tables.js';
import type { CommandContext } from './command-context.js';

/**
 * Fills an empty database, in one transaction, so that a seed broken off leaves it empty. A database that has customers
 * or users is left alone, and that is no failure: release phases run this every time.
 */
export async function seed({ configuration, printer }: CommandContext): Promise<void> {
  const plan = seedPlan(configuration);
  if (!plan.sampleData && !plan.bigSet) {
    return printer.line('Nothing to seed: in production SEED_DATA or SEED_PERFORMANCE_DATA must ask for it');
  }
  await withSession(configuration.database.primaryUrl, 'tandem-seed', async (session) => {
    await prepareSeeding(session);
    const passwordHash = plan.adminPassword === undefined ? undefined : await hashPassword(plan.adminPassword);
    const isPlanted = await inTransaction(session, async () => {
      await lockSeeding(session);
      if (!(await isEmpty(session))) return false;
      await plantSeed(session, plan, passwordHash, printer);
      return true;
    });
    if (!isPlanted) printer.line('The database is not empty: nothing was seeded');
    else if (plan.bigSet) await vacuumTables(session);
  });
}
