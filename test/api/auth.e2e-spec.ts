import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';

const JSON_TYPE = 'application/json; charset=utf-8';

let stage: ApiStage;
beforeAll(async () => {
  stage = await openApiStage();
});
afterAll(() => stage?.close());

const register = (json: unknown) => stage.call('POST', '/api/auth/register', { json });
const login = (json: unknown) => stage.call('POST', '/api/auth/login', { json });

describe('POST /api/auth/register', () => {
  it('answers 201 with the frozen text and nothing else', async () => {
    const answer = await register({ username: 'jane', password: PASSWORD });
    expect([answer.status, answer.text]).toEqual([201, '{"message":"User registered successfully"}']);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
  });

  it('refuses a user name that is taken with 409, also by two at once', async () => {
    await register({ username: 'twice', password: PASSWORD });
    const again = await register({ username: 'twice', password: 'another password' });
    expect([again.status, again.json().error]).toEqual([409, 'Username already exists']);
    const both = await Promise.all([1, 2, 3].map(() => register({ username: 'at once', password: PASSWORD })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const rows = await stage.sql("SELECT 1 FROM organizations WHERE name IN ('twice', 'at once')");
    expect(rows).toHaveLength(2);
  });

  it('takes user names as sent: another case is another user', async () => {
    await register({ username: 'Case', password: PASSWORD });
    expect((await register({ username: 'case', password: PASSWORD })).status).toBe(201);
    expect((await login({ username: 'CASE', password: PASSWORD })).status).toBe(401);
  });

  it.each([
    ['a short password', { username: 'weak', password: '1234567' }, 'password'],
    ['no password', { username: 'weak' }, 'password'],
    ['an empty user name', { username: '', password: PASSWORD }, 'username'],
    ['a user name of 256 characters', { username: 'x'.repeat(256), password: PASSWORD }, 'username'],
    ['a number as password', { username: 'weak', password: 12345678 }, 'password'],
  ])('refuses %s with 400, naming the field', async (_what, body, field) => {
    const answer = await register(body);
    const { error, errors } = answer.json<{ error: string; errors: { field: string; message: string }[] }>();
    expect(answer.status).toBe(400);
    expect(errors.map((entry) => entry.field)).toEqual([field]);
    expect(error).toContain(field);
  });

  it('counts characters and not code units: a user name of 255 emoji is fine', async () => {
    const username = '🙂'.repeat(255);
    expect((await register({ username, password: PASSWORD })).status).toBe(201);
    expect((await login({ username, password: PASSWORD })).status).toBe(200);
  });

  it('makes an admin of an organization that is empty, and never an operator', async () => {
    const { token } = await registerAdmin(stage, 'fresh');
    const [user] = await stage.sql("SELECT role, is_operator FROM users WHERE username LIKE 'fresh-%'");
    expect(user).toEqual({ role: 'admin', is_operator: false });
    expect((await stage.call('GET', '/api/customers', { token })).text).toBe('[]');
  });

  it('ignores what nobody may choose: role, organization, operator', async () => {
    const wishes = { role: 'viewer', is_operator: true, organization_id: 1, organizationId: 1, id: 4711 };
    await register({ username: 'wisher', password: PASSWORD, ...wishes });
    const [user] = await stage.sql<{ id: number }>("SELECT * FROM users WHERE username = 'wisher'");
    expect(user).toMatchObject({ role: 'admin', is_operator: false });
    expect(user?.id).not.toBe(4711);
  });
});

describe('POST /api/auth/login', () => {
  it('answers 200 with the token first', async () => {
    await register({ username: 'signer', password: PASSWORD });
    const answer = await login({ username: 'signer', password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(JSON_TYPE);
    expect(answer.text).toMatch(/^\{"token":"[^"]+","token_type":"Bearer","expires_in":86400/);
    expect((await stage.call('GET', '/api/customers', { token: String(answer.json().token) })).status).toBe(200);
  });

  it('says the same of an unknown user, a wrong password and a longer one', async () => {
    await register({ username: 'guessed', password: PASSWORD });
    const answers = await Promise.all([
      login({ username: 'nobody', password: PASSWORD }),
      login({ username: 'guessed', password: 'wrong password' }),
      login({ username: 'guessed', password: `${PASSWORD} ` }),
      login({ username: 'guessed', password: 'short' }),
    ]);
    for (const answer of answers) expect([answer.status, answer.json().error]).toEqual([401, 'Invalid credentials']);
    expect(new Set(answers.map(({ text }) => text.replace(/"request_id":"[^"]+"/, ''))).size).toBe(1);
  });

  it('refuses a body without user name or password with 400', async () => {
    expect((await login({ username: 'jane' })).status).toBe(400);
    expect((await login({ password: PASSWORD })).status).toBe(400);
    expect((await login({})).status).toBe(400);
    expect((await stage.call('POST', '/api/auth/login')).status).toBe(400);
  });
});
