import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startProcess } from '../support/processes.js';
import { JobStack } from '../worker/support/job-stack.js';
import { Receiver } from './support/receiver.js';
import { WebhookClient } from './support/webhook-client.js';

describe('targets, without the switch for tests', () => {
  let stack: JobStack;
  let admin: WebhookClient;
  let receiver: Receiver;
  beforeAll(async () => {
    stack = await JobStack.start('postgres');
    await stack.startWorker();
    admin = new WebhookClient(await stack.register('admin'));
    receiver = await Receiver.open({ tls: true });
  });
  afterAll(async () => {
    await receiver?.close();
    await stack?.stop();
  });

  const add = (url: unknown, more = {}) =>
    admin.client.call('POST', '/api/webhooks', { url, event_types: ['customer.*'], ...more });

  test.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://user:secret@example.com/',
    'nonsense',
    '',
    5,
    null,
  ])('%j is refused when it is given', async (url) => {
    const answer = await add(url);

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'url' }] });
  });

  test('it is refused in a change as well, and the webhook stays as it was', async () => {
    const { id, url } = await admin.add('https://example.com/hooks');

    const answer = await admin.client.call('PATCH', `/api/webhooks/${id}`, { url: 'https://10.0.0.1/' });

    expect(answer.status).toBe(400);
    expect((await admin.webhook(id)).url).toBe(url);
    await admin.client.call('DELETE', `/api/webhooks/${id}`);
  });

  test('a name that resolves to a private address is refused when it is sent to', async () => {
    const { id } = await admin.add(receiver.url);
    await admin.addCustomers(1);

    const delivery = await admin.untilDelivery(id, ({ attempts }) => attempts > 0);

    const last_error = 'The host resolves to an address that is not public';
    expect(delivery).toMatchObject({ state: 'failed', attempts: 1, last_status: null, last_error });
    expect(receiver.messages).toEqual([]);
  });

  test('what is no list of known event types is refused', async () => {
    for (const event_types of [
      undefined,
      null,
      [],
      'customer.*',
      [5],
      ['costumer.*'],
      ['*.created'],
      Array(51).fill('*'),
    ]) {
      const answer = await add('https://example.com/', { event_types });
      expect(answer.body).toMatchObject({ status: 400, errors: [{ field: 'event_types' }] });
    }
  });

  test('secrets are in no log, no list and no queue', async () => {
    const { id, secret } = await admin.add('https://example.com/hooks', ['*']);
    const rotated = (await admin.client.call('POST', `/api/webhooks/${id}/rotate-secret`)).body.secret;
    await admin.client.call('POST', `/api/webhooks/${id}/test`);
    await eventually(async () => expect(await admin.deliveries(id)).not.toEqual([]));
    const shown = [
      JSON.stringify((await admin.client.call('GET', '/api/webhooks')).body),
      JSON.stringify((await admin.client.call('GET', `/api/webhooks/${id}/deliveries`)).body),
      JSON.stringify((await admin.client.call('GET', '/api/jobs?limit=200')).body),
      (await stack.sql.query(`SELECT string_agg(e::text, '') AS text FROM events e`)).rows[0].text,
      (await stack.sql.query(`SELECT string_agg(j::text, '') AS text FROM queue.job j`)).rows[0].text ?? '',
      (await stack.sql.query(`SELECT string_agg(d::text, '') AS text FROM webhook_deliveries d`)).rows[0].text,
      ...stack.outputs(),
    ].join('\n');

    for (const each of [secret, String(rotated)]) {
      expect(shown).not.toContain(each);
      expect(shown).not.toContain(each.slice('whsec_'.length));
    }
  });

  test('production refuses to start with the switch', async () => {
    for (const app of ['api', 'worker']) {
      const environment = {
        NODE_ENV: 'production',
        DATABASE_URL: 'postgres://nowhere.invalid/none',
        JWT_SECRET: 'q8Zr2v-Lk5TnXw0BfYh3JcM7PdSe1GaU',
        WEBHOOK_ALLOW_PRIVATE: 'true',
      };
      const process = startProcess(`dist/apps/${app}/src/main.js`, { environment });
      expect(await process.exited()).toBe(1);
      expect(process.output()).toContain('WEBHOOK_ALLOW_PRIVATE is for tests');
    }
  });
});
