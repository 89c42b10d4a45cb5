import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../test/support/eventually.js';
import { type ReceivedMessage, Receiver } from '../../../../test/webhooks/support/receiver.js';
import { WebhookLibraries } from '../../../../test/webhooks/support/webhook-libraries.js';

describe('sending what is due', () => {
  let libraries: WebhookLibraries;
  let organization: number;
  let receiver: Receiver;
  let id: string;
  beforeAll(async () => {
    libraries = await WebhookLibraries.open();
  });
  beforeEach(async () => {
    await libraries.primary.query('DELETE FROM webhooks');
    organization = await libraries.addOrganization();
    receiver = await Receiver.open();
    id = await libraries.addWebhook(organization, receiver.url);
  });
  afterEach(() => receiver.close());
  afterAll(() => libraries?.close());

  const send = () => libraries.sendDue(organization, id);
  const log = () => libraries.log(organization, id);
  const customersOf = (messages: ReceivedMessage[]) => messages.map(({ body }) => Number(JSON.parse(body).entity_id));
  const makeDue = () =>
    libraries.primary.query(`UPDATE webhook_deliveries SET next_attempt_at = now() WHERE state = 'pending'`);
  const endRest = () => libraries.primary.query('UPDATE webhook_progress SET rest_until = NULL');
  const verify = (secret: string, { body, headers }: ReceivedMessage) =>
    new Webhook(secret).verify(body, headers as Record<string, string>);

  test('delivers in the order of the log and notes it', async () => {
    const customers = await libraries.addCustomers(organization, 5);
    await libraries.dispatchAll(id, 5);

    const sent = await send();

    expect(customersOf(receiver.messages)).toEqual(customers);
    expect(receiver.ids).toEqual(sent);
    for (const delivery of await log()) {
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204, lastError: null });
      expect(delivery).toMatchObject({ nextAttemptAt: null, eventType: 'customer.created' });
    }
    expect(await send()).toEqual([]);
  });

  test('what fails is tried again under the same id until it gets through', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    receiver.answerStatus(500);
    await send();
    const [failed] = await log();
    expect(failed).toMatchObject({ state: 'pending', lastStatus: 500, lastError: 'The receiver answered 500' });
    expect(failed?.nextAttemptAt).not.toBeNull();
    receiver.answerStatus(200);

    await eventually(async () => expect(await send()).not.toEqual([]));

    expect(new Set(receiver.ids).size).toBe(1);
    expect(await log()).toMatchObject([{ state: 'delivered', lastStatus: 200, lastError: null }]);
  });

  test('events about one thing wait for each other, those about others do not', async () => {
    const [bad = 0, good = 0] = await libraries.addCustomers(organization, 2);
    await libraries.rename(bad, 'Second');
    await libraries.dispatchAll(id, 3);
    let isRepaired = false;
    receiver.answer = (response, { body }) => {
      const isBad = JSON.parse(body).after.id === bad;
      response.writeHead(isBad && !isRepaired ? 500 : 200).end();
    };
    await send();
    expect(new Set(customersOf(receiver.messages))).toEqual(new Set([bad, good]));
    expect(receiver.events.filter(({ type }) => type === 'customer.updated')).toEqual([]);
    isRepaired = true;

    await eventually(async () => {
      await send();
      expect(receiver.events.at(-1)).toMatchObject({ type: 'customer.updated', after: { name: 'Second' } });
    });
  });

  test('an endpoint that fails three times in a row rests', async () => {
    await libraries.addCustomers(organization, 10);
    await libraries.dispatchAll(id, 10);
    await receiver.close();
    await libraries.primary.query('UPDATE webhook_progress SET failures = 5');

    expect(await send()).toHaveLength(1);
    expect(await libraries.primary.query('SELECT failures, rest_until > now() AS rests FROM webhook_progress')).toEqual(
      [{ failures: 6, rests: true }],
    );
  });

  test('ten failures end a delivery; it can be sent again, ten times more', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    receiver.answerStatus(503);
    for (let n = 0; n < 10; n += 1) {
      await makeDue();
      await endRest();
      await send();
    }
    const [delivery] = await log();
    expect(delivery).toMatchObject({ state: 'failed', attempts: 10, lastStatus: 503, nextAttemptAt: null });
    expect(await libraries.webhook(organization, id)).toMatchObject({ enabled: true, disabled_reason: null });
    receiver.answerStatus(200);

    const again = await libraries.deliveries.redeliver(organization, id, delivery?.id ?? '');
    expect(again).toMatchObject({ id: delivery?.id, state: 'pending' });
    await send();

    expect(await log()).toMatchObject([{ state: 'delivered', attempts: 11 }]);
    expect(new Set(receiver.ids).size).toBe(1);
  });

  test('what was delivered can be sent again', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    const [sent = ''] = await send();

    await libraries.deliveries.redeliver(organization, id, sent);
    await send();

    expect(receiver.ids).toEqual([sent, sent]);
    expect(receiver.messages[0]?.body).toBe(receiver.messages[1]?.body);
  });

  test('410 disables the endpoint, says so in the log, and the rest waits', async () => {
    await libraries.addCustomers(organization, 2);
    await libraries.dispatchAll(id, 2);
    receiver.answerStatus(410);

    expect(await send()).toHaveLength(1);

    const reason = 'The receiver answered 410 Gone';
    expect(await libraries.webhook(organization, id)).toMatchObject({ enabled: false, disabled_reason: reason });
    expect((await log()).map(({ state }) => state).sort()).toEqual(['failed', 'pending']);
    const events = await libraries.primary.query<{ after: object }>(
      `SELECT after FROM events WHERE entity_id = $1 AND type = 'webhook.updated'`,
      [id],
    );
    expect(events).toMatchObject([{ after: { enabled: false, disabled_reason: reason } }]);
    await expect(libraries.deliveries.test(organization, id)).rejects.toMatchObject({ code: 'webhook_disabled' });
    receiver.answerStatus(200);

    await libraries.webhooks.update(organization, id, { enabled: true });
    expect(await libraries.webhook(organization, id)).toMatchObject({ enabled: true, disabled_reason: null });
    expect(await send()).toHaveLength(1);
  });

  test('an endpoint that nothing has reached for days is disabled with the reason', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    receiver.answerStatus(500);
    await libraries.primary.query('UPDATE webhook_deliveries SET attempts = 9');
    await libraries.primary.query(
      `UPDATE webhook_progress SET failing_since = now() - interval '1 hour', failures = 9`,
    );

    await send();

    const disabled_reason = 'Nothing could be delivered for days. The last failure: The receiver answered 500';
    expect(await libraries.webhook(organization, id)).toMatchObject({ enabled: false, disabled_reason });
  });

  test('a test goes first, is signed, and is tried once', async () => {
    const { secret } = await libraries.webhooks.rotateSecret(organization, id);
    await libraries.addCustomers(organization, 2);
    await libraries.dispatchAll(id, 2);
    const ping = await libraries.deliveries.test(organization, id);
    expect(ping).toMatchObject({ state: 'pending', eventCursor: null, eventType: 'webhook.ping', attempts: 0 });
    receiver.answerStatus(500);

    const [first] = await send();

    expect(first).toBe(ping.id);
    const [message] = receiver.messages as [ReceivedMessage];
    expect(verify(secret, message)).toMatchObject({ type: 'webhook.ping', entity: 'webhook', entity_id: id });
    expect((await log()).find((delivery) => delivery.id === ping.id)).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test('during a rotation both secrets sign, afterwards only the new one, and a change of URL counts at once', async () => {
    const { secret: before } = await libraries.webhooks.rotateSecret(organization, id);
    const { secret: after } = await libraries.webhooks.rotateSecret(organization, id);
    await libraries.addCustomers(organization, 2);
    await libraries.dispatchAll(id, 2);
    const other = await Receiver.open();
    receiver.answer = async (response) => {
      await libraries.webhooks.update(organization, id, { url: other.url });
      await libraries.primary.query('UPDATE webhook_secrets SET expires_at = now() WHERE expires_at IS NOT NULL');
      response.writeHead(200).end();
    };

    await send();

    const [during] = receiver.messages as [ReceivedMessage];
    const [later] = other.messages as [ReceivedMessage];
    for (const secret of [before, after]) expect(verify(secret, during)).toBeTruthy();
    expect(verify(after, later)).toBeTruthy();
    expect(() => verify(before, later)).toThrow();
    await other.close();
  });

  test('410 of an address that the endpoint has left disables nothing', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    receiver.answer = async (response) => {
      await libraries.webhooks.update(organization, id, { url: 'https://example.com/new' });
      response.writeHead(410).end();
    };

    await send();

    expect(await libraries.webhook(organization, id)).toMatchObject({ enabled: true });
  });

  test('of two that send the same delivery one settles it', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    const held: ServerResponse[] = [];
    receiver.answer = (response) => {
      held.push(response);
      if (held.length === 2) for (const each of held) each.writeHead(200).end();
    };

    const sent = await Promise.all([send(), send()]);

    expect(sent.flat()).toHaveLength(1);
    expect(receiver.messages).toHaveLength(2);
    expect(await log()).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  });

  test('an endpoint deleted while it is sent to is no failure', async () => {
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    receiver.answer = async (response) => {
      await libraries.webhooks.delete(organization, id);
      response.writeHead(200).end();
    };

    expect(await send()).toEqual([]);
  });

  test('the log is paged and can be asked by state', async () => {
    await libraries.addCustomers(organization, 5);
    await libraries.dispatchAll(id, 5);
    await send();
    await libraries.addCustomers(organization, 3);
    await libraries.dispatchAll(id, 8);
    const page = async (cursor?: string | null) =>
      libraries.deliveries.list(organization, id, { limit: 3, cursor: cursor ?? undefined });

    const first = await page();
    const second = await page(first.nextCursor);
    const third = await page(second.nextCursor);

    const pages = [first, second, third].map(({ deliveries }) => deliveries.length);
    expect([...pages, third.nextCursor]).toEqual([3, 3, 2, null]);
    const all = [first, second, third].flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.id));
    expect(new Set(all).size).toBe(8);
    const pending = await libraries.deliveries.list(organization, id, { limit: 50, state: 'pending' });
    expect(pending.deliveries.map((delivery) => delivery.id)).toEqual(all.slice(0, 3));
  });
});
