import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plantTiedAccounts, plantTiedCustomers } from '../builders/many-records.builder.js';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import type { Answer } from '../support/http-call.js';
import {
  documentedOperations,
  faultsOf,
  type Operation,
  resolveSchema,
  type Schema,
} from '../support/openapi-document.js';

const RUNS = 80;
const ROUNDS = 6;

let stage: ApiStage;
let admin: Person;
/** Of customers and accounts that are there, enough of them to outlive the calls that delete. */
const rowIds = Array.from({ length: 80 }, (_, index) => index + 1);
let jobId: string;
let importId: string;
let webhookId: string;
/** Of one that is changed at random: disabled, for instance. */
let changedWebhookId: string;
let deliveryId: string;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  await stage.sql('UPDATE users SET is_operator = true WHERE organization_id = $1', [admin.organizationId]);
  await plantTiedCustomers(stage, admin.organizationId, rowIds.length);
  await plantTiedAccounts(stage, admin.organizationId, rowIds.length);
  const json = { type: 'aggregate', date: '2026-01-01' };
  jobId = String((await stage.call('POST', '/api/jobs', { token: admin.token, json })).json().id);
  const file = { token: admin.token, body: 'name,email\n', headers: { 'content-type': 'text/csv' } };
  importId = String((await stage.call('POST', '/api/imports?entity=customers', file)).json().id);
  const hook = { url: 'https://example.com/hooks', event_types: ['*'] };
  const makeWebhook = async () =>
    String((await stage.call('POST', '/api/webhooks', { token: admin.token, json: hook })).json().id);
  webhookId = await makeWebhook();
  changedWebhookId = await makeWebhook();
  const ping = await stage.call('POST', `/api/webhooks/${webhookId}/test`, { token: admin.token });
  deliveryId = String(ping.json().id);
});
afterAll(() => stage?.close());

/** Any text that an address can carry. */
const text = fc
  .oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 40 }))
  .filter((value) => value.isWellFormed());
const garbage = fc.oneof(
  text,
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom('', '0', '-1', 'null', '١', '9'.repeat(25)),
);

/** Now and then what the schema wants, else anything. */
function valueFor(schema: Schema): fc.Arbitrary<unknown> {
  const resolved = resolveSchema(schema);
  const fitting: fc.Arbitrary<unknown>[] = [];
  if (resolved.enum) fitting.push(fc.constantFrom(...resolved.enum));
  else if (resolved.format === 'email') fitting.push(fc.emailAddress());
  else if (resolved.format?.startsWith('date'))
    fitting.push(fc.date().map((date) => (Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10))));
  else if (resolved.type === 'integer') fitting.push(fc.integer(), fc.constantFrom(...rowIds));
  else if (resolved.type === 'string') fitting.push(fc.string({ minLength: resolved.minLength ?? 0, maxLength: 300 }));
  else if (resolved.type === 'array') fitting.push(fc.array(fc.constantFrom(...rowIds), { maxLength: 3 }));
  else if (resolved.type === 'boolean') fitting.push(fc.boolean());
  else if (resolved.type === 'object') fitting.push(fc.constant({}));
  if (resolved.example !== undefined) fitting.push(fc.constant(resolved.example));
  if (resolved.nullable) fitting.push(fc.constant(null));
  if (resolved.type === 'string' || resolved.type === 'integer') fitting.push(fc.constantFrom('active', '2026-01-01'));
  return fc.oneof({ weight: 4, arbitrary: fc.oneof(...fitting) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function bodyFor(schema: Schema): fc.Arbitrary<string> {
  const properties = Object.entries(resolveSchema(schema).properties ?? {});
  const object = fc.record(Object.fromEntries(properties.map(([name, property]) => [name, valueFor(property)])), {
    requiredKeys: [],
  });
  const complete = fc.record(Object.fromEntries(properties.map(([name, property]) => [name, valueFor(property)])));
  return fc.oneof(
    { weight: 5, arbitrary: complete.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: object.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: text },
  );
}

const csv = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '@', ' ') }).map((rows) => `name,email\n${rows}`),
  text,
);

function knownIds(path: string, parameter: string): fc.Arbitrary<string> {
  if (path.startsWith('/api/jobs')) return fc.constant(jobId);
  if (path === '/api/webhooks/{id}') return fc.constant(changedWebhookId);
  if (path.startsWith('/api/webhooks')) return fc.constant(parameter === '{id}' ? webhookId : deliveryId);
  return path.startsWith('/api/imports') ? fc.constant(importId) : fc.constantFrom(...rowIds.map(String));
}

interface Call {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

function callOf(operation: Operation): fc.Arbitrary<Call> {
  const segments = operation.path.split('/').map((segment) => {
    if (!segment.startsWith('{')) return fc.constant(segment);
    const known = knownIds(operation.path, segment);
    return fc
      .oneof(
        known,
        garbage.filter((value) => value !== ''),
      )
      .map(encodeURIComponent);
  });
  const known = operation.parameters.filter((parameter) => parameter.in === 'query');
  const required = known
    .filter((parameter) => parameter.required)
    .map(({ name, schema }) => `${name}=${schema.enum?.[0] ?? ''}`);
  const pair = fc.tuple(
    fc.constantFrom('x', ...known.map(({ name }) => name)),
    fc.oneof(garbage, fc.constantFrom('1', 'name', '-created_at', '2026-01-01', 'active')),
  );
  const headers = fc.record(
    {
      accept: fc.constantFrom(
        '*/*',
        'application/json',
        'text/csv',
        'application/x-ndjson',
        'application/problem+json',
        'image/png',
        'x',
      ),
      prefer: fc.constantFrom('count=exact', 'x', 'count=', 'return=minimal'),
      'x-consistency-token': fc.constantFrom('v1.1.1.0/0', 'v1.7402915733025464321.1.0/1A2B3C8', 'v1', 'x'.repeat(300)),
      'x-read-preference': fc.constantFrom(
        'primary',
        'follower-preferred; max-staleness=0',
        'nearest',
        'primary; wait=x',
      ),
      'x-request-id': fc.constantFrom('well-formed', 'not well formed'),
    },
    { requiredKeys: [] },
  );
  const type = operation.takesFile ? { 'content-type': 'text/csv' } : {};
  return fc.record({
    path: fc
      .tuple(fc.tuple(...segments), fc.array(pair, { maxLength: 4 }))
      .map(([path, query]) => `${path.join('/')}?${[...required, new URLSearchParams(query)].join('&')}`),
    headers: fc.oneof(
      { weight: 9, arbitrary: headers.map((value) => ({ authorization: `Bearer ${admin.token}`, ...type, ...value })) },
      { weight: 1, arbitrary: headers },
    ) as fc.Arbitrary<Record<string, string>>,
    body: operation.takesFile ? csv : operation.body ? bodyFor(operation.body) : fc.constant(undefined),
  });
}

/** What of an answer the document does not say. */
function undocumented(operation: Operation, answer: Answer): string[] {
  const response = operation.responses[answer.status];
  if (response === undefined) return [`status ${answer.status}`];
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  // Errors are documented as JSON and come as problem+json to those who ask.
  const media = response.content?.[type === 'application/problem+json' ? 'application/json' : type];
  if (media === undefined) return [`content type ${type} of status ${answer.status}`];
  return media.schema.type !== 'string' ? faultsOf(answer.json<unknown>(), media.schema) : [];
}

/** Server-sent events never end; test/api/event-streams.e2e-spec.ts reads them. */
const OPERATIONS = documentedOperations()
  .filter(({ path }) => !path.endsWith('/stream'))
  // What is deleted can't be asked for any more.
  .sort((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));

describe('whatever is sent, the answer is a documented one and never a 5xx', () => {
  it.each(OPERATIONS.map((operation) => [operation.method, operation.path, operation] as const))(
    '%s %s',
    async (method, _path, operation) => {
      const statuses = new Set<number>();
      const tryThem = () =>
        fc.assert(
          fc.asyncProperty(callOf(operation), async ({ path, headers, body }) => {
            const answer = await stage.call(method, path, { headers, body });
            statuses.add(answer.status);
            expect(answer.status).toBeLessThan(500);
            expect(undocumented(operation, answer)).toEqual([]);
            expect(answer.text).not.toMatch(/node_modules|SELECT |\bat .*\.js:/);
          }),
          { numRuns: RUNS },
        );
      // A property that only ever saw refusals would prove little; chance may need more tries for a success.
      const needsLuck = method === 'DELETE' || /retry|undo|login|\{customer_id\}/.test(operation.path);
      const sawSuccess = () => [...statuses].some((status) => status < 300);
      await tryThem();
      for (let round = 1; round < ROUNDS && !sawSuccess() && !needsLuck; round += 1) await tryThem();
      expect(sawSuccess() || needsLuck).toBe(true);
    },
  );
});
