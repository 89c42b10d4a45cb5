import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, registerAdmin } from '../builders/people.builder.js';
import { GO_PASSWORD_HASH } from '../migrations/go-database.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';

const GO_PASSWORD = 'go-password';

let stage: ApiStage;
let closed: ApiStage;
beforeAll(async () => {
  [stage, closed] = await Promise.all([
    openApiStage(),
    openApiStage({ REGISTRATION: 'closed', PASSWORD_MIN_LENGTH: '12' }),
  ]);
});
afterAll(() => Promise.all([stage?.close(), closed?.close()]));

const login = (username: string, password: string) =>
  stage.call('POST', '/api/auth/login', { json: { username, password } });

async function hashOf(username: string): Promise<string> {
  const [user] = await stage.sql<{ password_hash: string }>('SELECT password_hash FROM users WHERE username = $1', [
    username,
  ]);
  return user?.password_hash ?? '';
}

/** A user as the Go service left it. */
async function adopt(hash: string): Promise<string> {
  const { username } = await registerAdmin(stage, 'adopted');
  await stage.sql('UPDATE users SET password_hash = $2 WHERE username = $1', [username, hash]);
  return username;
}

describe('a password of the Go service', () => {
  it('signs in, and is hashed anew on that occasion', async () => {
    const username = await adopt(GO_PASSWORD_HASH);
    expect((await login(username, GO_PASSWORD)).status).toBe(200);
    expect(await hashOf(username)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await login(username, GO_PASSWORD)).status).toBe(200);
    expect((await login(username, `${GO_PASSWORD}x`)).status).toBe(401);
  });

  it('stays as it is when somebody guesses wrong', async () => {
    const username = await adopt(GO_PASSWORD_HASH);
    expect((await login(username, 'wrong password')).status).toBe(401);
    expect(await hashOf(username)).toBe(GO_PASSWORD_HASH);
  });

  it('signs in under every name that bcrypt goes by', async () => {
    for (const prefix of ['$2a$', '$2b$', '$2y$']) {
      const username = await adopt(GO_PASSWORD_HASH.replace('$2a$', prefix));
      expect([prefix, (await login(username, GO_PASSWORD)).status]).toEqual([prefix, 200]);
    }
  });
});

it.each(['', 'x', '$2a$10$short', '$argon2id$v=19$broken', 'plain text', '$1$md5$abc', '!'])(
  'the broken hash "%s" lets nobody in and breaks nothing',
  async (hash) => {
    const username = await adopt(hash);
    for (const password of ['x', 'plain text', PASSWORD]) expect((await login(username, password)).status).toBe(401);
  },
);

it('a hash of other parameters signs in and is made anew', async () => {
  const { hash } = await import('@node-rs/argon2');
  const username = await adopt(await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 }));
  expect((await login(username, PASSWORD)).status).toBe(200);
  expect(await hashOf(username)).toMatch(/m=19456,t=2,p=1/);
});

it('passwords beyond bcrypt’s 72 bytes count whole', async () => {
  const long = 'x'.repeat(200);
  const { username } = await registerAdmin(stage, 'long');
  await stage.sql('DELETE FROM users WHERE username = $1', [username]);
  await stage.call('POST', '/api/auth/register', { json: { username, password: `${long}1` } });
  expect((await login(username, `${long}1`)).status).toBe(200);
  expect((await login(username, `${long}2`)).status).toBe(401);
});

it('many sign-ins at once are all answered', async () => {
  const { username } = await registerAdmin(stage, 'busy');
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) => login(username, index % 2 ? PASSWORD : 'wrong')),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map((_, index) => (index % 2 ? 200 : 401)));
});

it('a closed registration is refused with 403, and sign-in goes on', async () => {
  const answer = await closed.call('POST', '/api/auth/register', { json: { username: 'new', password: PASSWORD } });
  expect([answer.status, answer.json().code]).toEqual([403, 'registration_closed']);
  expect(await closed.sql('SELECT 1 FROM users')).toEqual([]);
  const login = await closed.call('POST', '/api/auth/login', { json: { username: 'new', password: PASSWORD } });
  expect(login.status).toBe(401);
});
