import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, JWT_SECRET, openApiStage } from '../support/api-process.js';

let stage: ApiStage;
let admin: Person;
beforeAll(async () => {
  stage = await openApiStage({ JWT_SECRET: `new:${JWT_SECRET}, old:${JWT_SECRET} of last year` });
  admin = await registerAdmin(stage);
});
afterAll(() => stage?.close());

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const now = () => Math.floor(Date.now() / 1000);

interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  secret?: string;
  hash?: string;
}

/** A token like the real one but for what is given, signed with whatever is given. */
function forge({ header = {}, claims = {}, secret = JWT_SECRET, hash = 'sha256' }: Forgery = {}): string {
  const [realHeader, realClaims] = admin.token.split('.');
  const signed = `${encode({ ...decode(realHeader), ...header })}.${encode({ ...decode(realClaims), ...claims })}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const listWith = (authorization: string) => stage.call('GET', '/api/customers?limit=1', { headers: { authorization } });

describe('the Authorization header', () => {
  it('is required', async () => {
    const answer = await stage.call('GET', '/api/customers');
    expect([answer.status, answer.json().error]).toEqual([401, 'Authorization header required']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each([
    'Bearer',
    'Bearer ',
    'bearer x',
    'Basic YTpi',
    'Token x',
    'x',
    'Bearer a b',
    'Bearer  x',
    'Bearer\tx',
    'BearerX y',
  ])('must be "Bearer x" and not "%s"', async (authorization) => {
    const answer = await listWith(authorization);
    expect([answer.status, answer.json().error]).toEqual([401, 'Invalid authorization header format']);
  });

  it('is asked for before anything else is looked at', async () => {
    const answers = await Promise.all([
      stage.call('GET', '/api/customers/abc'),
      stage.call('POST', '/api/customers', { json: {} }),
      stage.call('PUT', '/api/accounts/1', { json: {} }),
      stage.call('DELETE', '/api/customers/1'),
      stage.call('GET', '/api/analytics/customers/abc'),
      stage.call('POST', '/api/jobs', { json: { type: 'nonsense' } }),
      stage.call('GET', '/api/customers?limit=abc', { headers: { accept: 'image/png' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
  });
});

describe('a token', () => {
  it('that is ours is taken, also one that was signed with the former key', async () => {
    expect(decode(admin.token.split('.')[0])).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'new' });
    expect((await listWith(`Bearer ${admin.token}`)).status).toBe(200);
    expect((await listWith(`Bearer ${forge()}`)).status).toBe(200);
    const former = forge({ header: { kid: 'old' }, secret: `${JWT_SECRET} of last year` });
    expect((await listWith(`Bearer ${former}`)).status).toBe(200);
  });

  const wrong: [string, () => string][] = [
    [
      'with changed claims',
      () =>
        admin.token.replace(
          /\.[^.]+\./,
          `.${encode({ ...decode(admin.token.split('.')[1]), org: 1, operator: true })}.`,
        ),
    ],
    ['with a changed signature', () => `${admin.token.slice(0, -6)}AAAAAA`],
    [
      'whose last character differs in bits that do not count',
      () => admin.token.slice(0, -1) + twin(admin.token.at(-1) ?? ''),
    ],
    ['without a signature', () => `${admin.token.split('.').slice(0, 2).join('.')}.`],
    ['of two parts', () => admin.token.split('.').slice(0, 2).join('.')],
    ['of four parts', () => `${admin.token}.x`],
    ['of algorithm none', () => `${encode({ alg: 'none', typ: 'JWT', kid: 'new' })}.${admin.token.split('.')[1]}.`],
    ['of algorithm none with a signature', () => forge({ header: { alg: 'none' } })],
    ['of algorithm HS512 with our key', () => forge({ header: { alg: 'HS512' }, hash: 'sha512' })],
    ['of algorithm HS384 with our key', () => forge({ header: { alg: 'HS384' }, hash: 'sha384' })],
    ['of algorithm RS256', () => forge({ header: { alg: 'RS256' } })],
    ['of another key', () => forge({ secret: 'x'.repeat(32) })],
    ['of an empty key', () => forge({ secret: '' })],
    ['of the former key under the present id', () => forge({ secret: `${JWT_SECRET} of last year` })],
    ['of an unknown key id', () => forge({ header: { kid: 'unknown' } })],
    ['without a key id', () => forge({ header: { kid: undefined } })],
    ['whose key id is no text', () => forge({ header: { kid: { a: 1 } } })],
    ['whose key id is a path', () => forge({ header: { kid: '../../../dev/null' } })],
    ['whose key id is __proto__', () => forge({ header: { kid: '__proto__' } })],
    ['that brings its own key', () => forge({ header: { jwk: { kty: 'oct', k: 'eA' } }, secret: 'x' })],
    ['with a critical extension', () => forge({ header: { crit: ['exp'] }, secret: 'x' })],
    ['that has expired', () => forge({ claims: { exp: now() - 60 } })],
    ['that is not valid yet', () => forge({ claims: { nbf: now() + 3600 } })],
    ['of another issuer', () => forge({ claims: { iss: 'somebody' } })],
    ['without an issuer', () => forge({ claims: { iss: undefined } })],
    ['for another audience', () => forge({ claims: { aud: 'somebody' } })],
    ['without an audience', () => forge({ claims: { aud: undefined } })],
    ['without an expiry', () => forge({ claims: { exp: undefined } })],
    ['whose expiry is text', () => forge({ claims: { exp: '9999999999' } })],
    ['without a user', () => forge({ claims: { sub: undefined } })],
    ['without an organization', () => forge({ claims: { org: undefined } })],
    ['whose organization is text', () => forge({ claims: { org: '1 OR 1=1' } })],
    ['of an unknown role', () => forge({ claims: { role: 'root' } })],
    ['with trailing bytes', () => `${admin.token}AAAA`],
    ['with padding', () => `${admin.token}=`],
    ['that is no base64url', () => 'ä.ö.ü'],
    ['of dots', () => '...'],
    ['of one dot', () => '.'],
    ['whose header is no JSON', () => `${Buffer.from('{').toString('base64url')}.e30.x`],
    ['whose header is null', () => `${encode(null)}.e30.x`],
    ['whose claims are a list', () => `${admin.token.split('.')[0]}.${encode([])}.x`],
    ['that is a word', () => 'null'],
    ['of 15 kB', () => 'x'.repeat(15_000)],
    ['of 15 kB in three parts', () => `${admin.token.split('.')[0]}.${'A'.repeat(14_000)}.x`],
  ];

  it.each(wrong)('%s is refused with the frozen text', async (_what, make) => {
    const answer = await listWith(`Bearer ${Buffer.from(make()).toString('latin1')}`);
    expect([answer.status, answer.json().error]).toEqual([401, 'Invalid or expired token']);
  });

  it('that was taken does not open the door for one that resembles it', async () => {
    const token = forge({ claims: { jti: randomUUID() } });
    expect((await listWith(`Bearer ${token}`)).status).toBe(200);
    for (let index = 0; index < 3; index += 1) {
      expect((await listWith(`Bearer ${token}A`)).status).toBe(401);
      expect((await listWith(`Bearer ${token}`)).status).toBe(200);
    }
  });

  it('of 100 kB is more than a header can hold', async () => {
    expect((await listWith(`Bearer ${'x'.repeat(100_000)}`)).status).toBe(431);
  });

  it('does not outlive its expiry where it was verified before', async () => {
    const token = forge({ claims: { exp: now() - 26 } });
    expect((await listWith(`Bearer ${token}`)).status).toBe(200);
    await expect.poll(async () => (await listWith(`Bearer ${token}`)).status, { timeout: 9_000 }).toBe(401);
  });

  it('in a place where none belongs is not one', async () => {
    for (const path of [`/api/customers?token=${admin.token}`, `/api/customers?access_token=${admin.token}`]) {
      expect((await stage.call('GET', path)).status).toBe(401);
    }
    const cookie = `token=${admin.token}; jwt=${admin.token}`;
    expect((await stage.call('GET', '/api/customers', { headers: { cookie } })).status).toBe(401);
  });
});

/** The other base64url character that decodes to the same last four bits of a 32-byte signature. */
function twin(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) ^ 1] ?? '';
}
