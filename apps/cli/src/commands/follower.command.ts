import type { SqlSession } from '@app/database';
import type { FollowerRequest } from '../command-words.js';
import { withSession } from '../database-session.js';
import { CommandRefusedError } from '../failure-message.js';
import { requireSchema } from '../schema-check.js';
import type { CommandContext } from './command-context.js';

const DRAIN = 'INSERT INTO drained_followers (follower) VALUES ($1) ON CONFLICT DO NOTHING RETURNING follower';
const UNDRAIN = 'DELETE FROM drained_followers WHERE follower = $1 RETURNING follower';
const DRAINED = `SELECT follower, to_char(drained_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
  FROM drained_followers ORDER BY length(follower), follower`;

/** Takes a follower out of use in every process, back into use, or says which are out. The server itself is not touched. */
export async function follower(context: CommandContext, { action, number }: FollowerRequest): Promise<void> {
  const { configuration, printer } = context;
  await withSession(configuration.database.primaryUrl, 'tandem-operator', async (session) => {
    await requireSchema(session);
    if (action === 'status') return describe(session, context, number);
    const name = `follower-${number}`;
    if (action === 'undrain' && (await session.query(UNDRAIN, [name])).length > 0) {
      return printer.line(`${name} is in use again: every process takes that over within about a second`);
    }
    requireFollower(context, number);
    if (action === 'undrain') return printer.line(`${name} was not drained: nothing was changed`);
    const isChanged = (await session.query(DRAIN, [name])).length > 0;
    if (isChanged) printer.line(`${name} is drained: every process takes that over within about a second`);
    else printer.line(`${name} was drained already: nothing was changed`);
  });
}

/** One line for each follower there is, and for each drained one that there is no more. */
async function describe(session: SqlSession, context: CommandContext, number: number | undefined): Promise<void> {
  const rows = await session.query<{ follower: string; since: string }>(DRAINED);
  const drained = new Map(rows.map(({ follower: name, since }) => [name, since]));
  if (number !== undefined && !drained.has(`follower-${number}`)) requireFollower(context, number);
  const known = Array.from({ length: context.followers ?? 0 }, (_, index) => `follower-${index + 1}`);
  const names = number === undefined ? new Set([...known, ...drained.keys()]) : [`follower-${number}`];
  const lines = [...names].map((name) => {
    const since = drained.get(name);
    return `${name}: ${since === undefined ? 'not drained' : `drained since ${since}`}`;
  });
  for (const line of lines) context.printer.line(line);
  if (lines.length === 0) context.printer.line('No follower is drained');
}

function requireFollower({ followers }: CommandContext, number = 1): void {
  if (followers === undefined || number <= followers) return;
  throw new CommandRefusedError(`There is no follower ${number}; there ${followers === 1 ? 'is' : 'are'} ${followers}`);
}
