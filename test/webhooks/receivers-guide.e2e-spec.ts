import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { signatureHeader } from '../../libs/webhooks/src/sending/signature.js';
import { makeSecret } from '../../libs/webhooks/src/sending/webhook-secret.js';

const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const example = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';
const RUN = `
const { body, headers, secret } = JSON.parse(process.env.MESSAGE);
try { console.log(JSON.stringify(verify(body, headers, secret))); } catch (error) { console.log(error.message); }`;

/** What the example of the guide makes of a message, in a Node of its own that has nothing of ours. */
function verified(body: string, headers: Record<string, string>, secret: string): string {
  const environment = { MESSAGE: JSON.stringify({ body, headers, secret }) };
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', example + RUN], { env: environment });
  return run.stdout.toString().trim() || run.stderr.toString();
}

describe("the example of the receiver's guide", () => {
  const secrets = [makeSecret(), makeSecret()];
  const body = '{"type":"customer.created","after":{"name":"Zoë \\u2028"}}';
  const messageOf = (timestamp = Math.floor(Date.now() / 1_000)) => ({
    'webhook-id': 'one',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatureHeader({ id: 'one', timestamp, body }, secrets),
  });

  test('has ten lines at most, without blank ones', () => {
    expect(
      example.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('//')).length,
    ).toBeLessThanOrEqual(10);
  });

  test('accepts what is signed with either secret', () => {
    for (const secret of secrets) expect(JSON.parse(verified(body, messageOf(), secret))).toEqual(JSON.parse(body));
  });

  test.each([
    ['another body', () => verified(`${body} `, messageOf(), secrets[0] ?? '')],
    ['another secret', () => verified(body, messageOf(), makeSecret())],
    ['another id', () => verified(body, { ...messageOf(), 'webhook-id': 'two' }, secrets[0] ?? '')],
    ['no signature', () => verified(body, { 'webhook-id': 'one' }, secrets[0] ?? '')],
    ['an old message', () => verified(body, messageOf(Math.floor(Date.now() / 1_000) - 600), secrets[0] ?? '')],
  ])('refuses %s', (_what, run) => {
    expect(run()).toBe('Not from Tandem');
  });
});
