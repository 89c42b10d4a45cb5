import { checkRollups, type RollupCheck } from '@app/analytics';
import type { SqlSession } from '@app/database';
import { withSession } from '../database-session.js';
import { CommandRefusedError } from '../failure-message.js';
import { requireSchema } from '../schema-check.js';
import type { CommandContext } from './command-context.js';

/**
 * Compares everything that analytics answer with a recount, in one snapshot of each server, and prints what it found.
 *
 * @throws CommandRefusedError where anything differs, so that the exit code is 1.
 */
export async function verifyRollups({ configuration, options, printer }: CommandContext): Promise<void> {
  const { primaryUrl, followerUrls } = configuration.database;
  const servers = [
    ['primary', primaryUrl],
    ...followerUrls.map((url, index) => [`follower-${index + 1}`, url]),
  ] as const;
  await withSession(primaryUrl, 'tandem-verify', requireSchema);
  const { times = 1 } = options;
  let drifted = 0;
  for (let time = 1; time <= times; time++) {
    for (const [name = '', url = ''] of servers) {
      const check = await withSession(url, 'tandem-verify', inSnapshot);
      if (check.drift > 0) drifted += 1;
      const place = times === 1 ? name : `${time} of ${times}, ${name}`;
      if (check.drift > 0 || times === 1) printer.line(describe(place, check));
      else printer.update(describe(place, check));
      for (const difference of check.differences) printer.line(`  ${JSON.stringify(difference)}`);
    }
  }
  const checks = times * servers.length;
  if (drifted > 0)
    throw new CommandRefusedError(`${drifted} of ${checks} checks found totals that differ from a recount`);
  printer.line(`${checks} ${checks === 1 ? 'check' : 'checks'}: every total equals a recount`);
}

async function inSnapshot(session: SqlSession): Promise<RollupCheck> {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const check = await checkRollups(session);
  await session.query('ROLLBACK');
  return check;
}

function describe(place: string, { customers, accounts, waiting, drift }: RollupCheck): string {
  const found = drift === 0 ? 'no total differs' : `${drift} totals DIFFER`;
  return `${place}: ${customers} customers, ${accounts} accounts, ${waiting} changes not yet folded: ${found}`;
}
