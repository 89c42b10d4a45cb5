import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { JobStack } from '../worker/support/job-stack.js';
import { CERTIFICATE_PATH, type ReceivedMessage, Receiver } from './support/receiver.js';
import { untilReceived, WebhookClient } from './support/webhook-client.js';

const VARIABLES = {
  WEBHOOK_ALLOW_PRIVATE: 'true',
  WEBHOOK_RETRY_PERMILLE: '1',
  NODE_EXTRA_CA_CERTS: CERTIFICATE_PATH,
};

describe('webhooks, from the change to the receiver', () => {
  let stack: JobStack;
  let admin: WebhookClient;
  let receiver: Receiver;
  beforeAll(async () => {
    stack = await JobStack.start('postgres', undefined, VARIABLES);
    await stack.startWorker();
  });
  beforeEach(async () => {
    admin = new WebhookClient(await stack.register(`admin-${crypto.randomUUID()}`));
    receiver = await Receiver.open();
  });
  afterEach(() => receiver.close());
  afterAll(() => stack?.stop());

  const call = (method: string, path: string, body?: object) => admin.client.call(method, path, body);
  const verify = (secret: string, { body, headers }: ReceivedMessage) =>
    new Webhook(secret).verify(body, headers as Record<string, string>);
  const received = (count: number) =>
    eventually(() => expect(receiver.messages.length).toBeGreaterThanOrEqual(count), 15_000);

  test('a change arrives signed, as the event that the log answers', async () => {
    const { id, secret } = await admin.add(receiver.url);
    const [customer = 0] = await admin.addCustomers(1);
    await untilReceived(receiver, [customer]);

    const [message] = receiver.messages as [ReceivedMessage];
    const delivery = await admin.untilDelivery(id, ({ state }) => state === 'delivered');
    expect(delivery).toMatchObject({ attempts: 1, last_status: 204, last_error: null, next_attempt_at: null });
    expect(message.headers['webhook-id']).toBe(delivery.id);
    expect(verify(secret, message)).toMatchObject({
      cursor: delivery.event_cursor,
      type: 'customer.created',
      entity_id: customer,
      actor: { type: 'user' },
      before: null,
      after: { id: customer },
    });
  });

  test('through TLS too, where the certificate is that of the name', async () => {
    const tls = await Receiver.open({ tls: true });
    const { secret } = await admin.add(tls.url);
    const customers = await admin.addCustomers(2);

    await untilReceived(tls, customers);

    expect(tls.messages[0]?.headers.host).toBe(`localhost:${tls.port}`);
    expect(verify(secret, tls.messages[0] as ReceivedMessage)).toBeTruthy();
    const wrongName = await admin.add(tls.url.replace('localhost', '127.0.0.1'));
    await admin.addCustomers(1);
    const { last_error } = await admin.untilDelivery(wrongName.id, ({ attempts }) => attempts > 0);
    expect(last_error).toMatch(/certificate/);
    await tls.close();
  });

  test('rotated, both secrets sign', async () => {
    const { id, secret: before } = await admin.add(receiver.url);
    const rotated = await call('POST', `/api/webhooks/${id}/rotate-secret`);
    expect(rotated.status).toBe(200);
    const after = String(rotated.body.secret);
    await admin.addCustomers(1);
    await received(1);

    const [message] = receiver.messages as [ReceivedMessage];
    expect(String(message.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect(verify(before, message)).toEqual(verify(after, message));
    expect(await admin.webhook(id)).not.toHaveProperty('secret');
  });

  test('a test sends a ping', async () => {
    const { id, secret } = await admin.add(receiver.url);
    const answer = await call('POST', `/api/webhooks/${id}/test`);
    expect(answer).toMatchObject({ status: 202, body: { state: 'pending', event_cursor: null } });
    await received(1);

    const [message] = receiver.messages as [ReceivedMessage];
    expect(message.headers['webhook-id']).toBe(answer.body.id);
    expect(verify(secret, message)).toMatchObject({ type: 'webhook.ping', entity_id: id, actor: { type: 'user' } });
  });

  test('what fails is tried again until it gets through, and can be sent again', async () => {
    receiver.answer = (response) => response.writeHead(receiver.messages.length < 3 ? 503 : 200).end();
    const { id } = await admin.add(receiver.url);
    await admin.addCustomers(1);
    const delivery = await admin.untilDelivery(id, ({ state }) => state === 'delivered');
    expect(delivery).toMatchObject({ attempts: 3, last_status: 200, last_error: null });
    expect(receiver.ids).toEqual([delivery.id, delivery.id, delivery.id]);

    const again = await call('POST', `/api/webhooks/${id}/deliveries/${delivery.id}/redeliver`);
    expect(again).toMatchObject({ status: 202, body: { id: delivery.id, state: 'pending' } });
    await received(4);

    expect(receiver.ids[3]).toBe(delivery.id);
    expect(receiver.messages[3]?.body).toBe(receiver.messages[0]?.body);
    const missing = await call('POST', `/api/webhooks/${id}/deliveries/${id}/redeliver`);
    expect([missing.status, missing.body.code]).toEqual([404, 'delivery_not_found']);
  });

  test('410 disables, and enabled again the endpoint gets what it missed', async () => {
    receiver.answerStatus(410);
    const { id } = await admin.add(receiver.url);
    await admin.addCustomers(1);
    await eventually(async () => expect((await admin.webhook(id)).enabled).toBe(false), 15_000);
    expect((await admin.webhook(id)).disabled_reason).toBe('The receiver answered 410 Gone');
    const refused = await call('POST', `/api/webhooks/${id}/test`);
    expect([refused.status, refused.body.code]).toEqual([409, 'webhook_disabled']);
    const missed = await admin.addCustomers(2);
    receiver.answerStatus(204);

    await call('PATCH', `/api/webhooks/${id}`, { enabled: true });

    await untilReceived(receiver, missed);
  });

  test('a redirect is a failure and is not followed', async () => {
    const other = await Receiver.open();
    receiver.answerStatus(307, { location: other.url });
    const { id } = await admin.add(receiver.url);
    await admin.addCustomers(1);

    const { last_status, last_error } = await admin.untilDelivery(id, ({ attempts }) => attempts > 1);

    expect([last_status, last_error]).toEqual([307, 'The receiver answered 307; redirects are not followed']);
    expect(other.messages).toEqual([]);
    await other.close();
  });

  test('the log of deliveries is paged and asked by state', async () => {
    const { id } = await admin.add(receiver.url);
    await admin.addCustomers(3);
    await received(3);
    await eventually(async () => expect(await admin.deliveries(id, '?state=delivered')).toHaveLength(3));

    const first = await call('GET', `/api/webhooks/${id}/deliveries?limit=2`);
    const second = await call('GET', `/api/webhooks/${id}/deliveries?limit=2&cursor=${first.body.next_cursor}`);
    expect([first.body.deliveries, second.body.deliveries]).toEqual([
      [expect.anything(), expect.anything()],
      [expect.anything()],
    ]);
    expect(second.body.next_cursor).toBeNull();
    expect(await admin.deliveries(id, '?state=failed')).toEqual([]);
    expect((await call('GET', `/api/webhooks/${id}/deliveries?state=lost`)).status).toBe(400);
    expect((await call('GET', `/api/webhooks/${id}/deliveries?cursor=x`)).body.code).toBe('invalid_cursor');
  });
});
