import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { hashPassword } from '@app/identity';
import { inTransaction, withSession } from '../database-session.js';
import { CommandRefusedError } from '../failure-message.js';
import { plantSeed } from '../seed/plant-seed.js';
import { lockSeeding, prepareSeeding } from '../seed/preconditions.js';
import { seedPlan } from '../seed/seed-plan.js';
import { clearTables, countRows, vacuumTables } from '../seed/tables.js';
import type { CommandContext } from './command-context.js';

/** Deletes everything and seeds again, in one transaction: broken off, what was there is there still. */
export async function reseed({ configuration, options, printer }: CommandContext): Promise<void> {
  const { primaryUrl } = configuration.database;
  if (configuration.environment === 'production' && !options.force) {
    throw new CommandRefusedError('This is production: reseed would delete everything. Say --force if that is meant');
  }
  if (!options.yes && !process.stdin.isTTY) {
    throw new CommandRefusedError(
      'Reseed deletes everything, and nobody is here to be asked: say --yes if that is meant',
    );
  }
  await withSession(primaryUrl, 'tandem-seed', async (session) => {
    await prepareSeeding(session);
    const counts = await countRows(session);
    if (!options.yes && !(await isConfirmed(nameOf(primaryUrl), counts))) {
      throw new CommandRefusedError('Nothing was changed');
    }
    const plan = seedPlan(configuration);
    const passwordHash = plan.adminPassword === undefined ? undefined : await hashPassword(plan.adminPassword);
    await inTransaction(session, async () => {
      await lockSeeding(session);
      printer.line(`Deleting ${counts}`);
      await clearTables(session);
      await plantSeed(session, plan, passwordHash, printer);
    });
    if (plan.bigSet) await vacuumTables(session);
  });
}

async function isConfirmed(database: string, counts: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = terminal.question(`Delete ${counts} from ${database} and seed again? Type yes: `);
    // Ctrl-C and Ctrl-D close the terminal without an answer; some versions of Node then reject, others never settle.
    const closed = once(terminal, 'close').then(() => 'no');
    const answer = await Promise.race([question.catch(() => 'no'), closed]);
    return answer.trim().toLowerCase() === 'yes';
  } finally {
    terminal.close();
  }
}

/** Which database it is, without its password. */
function nameOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${pathname.slice(1) || 'the default database'} on ${hostname || 'this machine'}${port && `:${port}`}`;
}
