import { randomBytes } from 'node:crypto';
import type { ApiStage } from '../support/api-process.js';

export const PASSWORD = 'correct horse battery';

export interface Person {
  id: number;
  username: string;
  token: string;
  organizationId: number;
}

type Stage = Pick<ApiStage, 'call' | 'sql'>;

/** Registers somebody by the API: the admin of a new, empty organization. */
export async function registerAdmin(stage: Stage, prefix = 'admin'): Promise<Person> {
  const username = `${prefix}-${randomBytes(4).toString('hex')}`;
  const answer = await stage.call('POST', '/api/auth/register', { json: { username, password: PASSWORD } });
  if (answer.status !== 201) throw new Error(`register: ${answer.status} ${answer.text}`);
  return signIn(stage, username);
}

/** Adds somebody to an organization, in a role that nobody can register for. */
export async function addMember(
  stage: Stage,
  organizationId: number,
  role: 'viewer' | 'member' | 'admin',
  isOperator = false,
): Promise<Person> {
  const { username } = await registerAdmin(stage, isOperator ? 'operator' : role);
  await stage.sql('UPDATE users SET organization_id = $2, role = $3, is_operator = $4 WHERE username = $1', [
    username,
    organizationId,
    role,
    isOperator,
  ]);
  return signIn(stage, username);
}

export async function signIn(stage: Stage, username: string, password = PASSWORD): Promise<Person> {
  const answer = await stage.call('POST', '/api/auth/login', { json: { username, password } });
  if (answer.status !== 200) throw new Error(`login: ${answer.status} ${answer.text}`);
  const [user] = await stage.sql<{ id: number; organization_id: number }>(
    'SELECT id, organization_id FROM users WHERE username = $1',
    [username],
  );
  if (user === undefined) throw new Error(`${username} is not stored`);
  return { id: user.id, username, organizationId: user.organization_id, token: String(answer.json().token) };
}
