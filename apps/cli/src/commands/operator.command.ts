import type { SqlSession } from '@app/database';
import type { OperatorRequest } from '../command-words.js';
import { withSession } from '../database-session.js';
import { CommandRefusedError } from '../failure-message.js';
import type { ProgressPrinter } from '../progress-printer.js';
import { requireSchema } from '../schema-check.js';
import type { CommandContext } from './command-context.js';

const MARK = 'UPDATE users SET is_operator = $2 WHERE username = $1 AND is_operator <> $2 RETURNING id';
const LIST = `SELECT u.username, o.name AS organization FROM users u JOIN organizations o ON o.id = u.organization_id
  WHERE u.is_operator ORDER BY u.username`;

/**
 * Makes a user an operator of the deployment, takes that back, or lists those there are. Who is signed in need not sign
 * in again: every process goes by the mark in the database.
 */
export async function operator({ configuration, printer }: CommandContext, request: OperatorRequest): Promise<void> {
  await withSession(configuration.database.primaryUrl, 'tandem-operator', async (session) => {
    await requireSchema(session);
    if (request.action === 'list') await list(session, printer);
    else await mark(session, request.username, request.action === 'grant', printer);
  });
}

/** Names are quoted as in JSON: whoever registered chose them, and they may hold what a terminal takes for a command. */
async function mark(session: SqlSession, username: string, isOperator: boolean, printer: ProgressPrinter) {
  const name = JSON.stringify(username);
  const isChanged = (await session.query(MARK, [username, isOperator])).length > 0;
  if (isChanged) {
    return printer.line(
      `${name} is ${isOperator ? 'an operator now' : 'no operator any more'}, within a second everywhere`,
    );
  }
  const found = await session.query('SELECT id FROM users WHERE username = $1', [username]);
  if (found.length === 0) throw new CommandRefusedError(`There is no user ${name}`);
  printer.line(`${name} ${isOperator ? 'was an operator already' : 'was no operator'}: nothing was changed`);
}

async function list(session: SqlSession, printer: ProgressPrinter): Promise<void> {
  const rows = await session.query<{ username: string; organization: string }>(LIST);
  if (rows.length === 0) printer.line('There are no operators');
  for (const { username, organization } of rows) {
    printer.line(`${JSON.stringify(username)} of the organization ${JSON.stringify(organization)}`);
  }
}
