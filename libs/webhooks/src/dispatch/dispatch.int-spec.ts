import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { untilLogSettled } from '../../../../test/support/settled-log.js';
import { WebhookLibraries } from '../../../../test/webhooks/support/webhook-libraries.js';

const URL = 'https://example.com/';

describe('bringing the change log to the endpoints', () => {
  let libraries: WebhookLibraries;
  let organization: number;
  beforeAll(async () => {
    libraries = await WebhookLibraries.open();
  });
  beforeEach(async () => {
    await libraries.primary.query('DELETE FROM webhooks');
    await libraries.primary.query('DELETE FROM jobs');
    organization = await libraries.addOrganization();
  });
  afterAll(() => libraries?.close());

  const subjects = async (id: string): Promise<string[]> => {
    const rows = await libraries.primary.query<{ subject: string }>(
      'SELECT subject FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY position',
      [id],
    );
    return rows.map(({ subject }) => subject);
  };
  const jobs = () =>
    libraries.primary.query<{ id: string; payload: object }>(
      `SELECT id, queue, payload FROM jobs WHERE type = 'deliver-webhook' ORDER BY created_at`,
    );
  const settleJobs = () =>
    libraries.primary.query(`UPDATE jobs SET state = 'completed' WHERE type = 'deliver-webhook'`);

  test('an endpoint gets what it asked for and what happened after it was added, in order', async () => {
    await libraries.addCustomers(organization, 1);
    const all = await libraries.addWebhook(organization, URL, { eventTypes: ['*'] });
    const deletions = await libraries.addWebhook(organization, URL, { eventTypes: ['customer.deleted'] });
    const [first = 0, second = 0] = await libraries.addCustomers(organization, 2);
    await libraries.rename(first, 'Other');
    await libraries.primary.query('DELETE FROM customers WHERE id = $1', [second]);

    await libraries.dispatchAll(deletions, 1);

    const ofCustomers = (await subjects(all)).filter((subject) => subject.startsWith('customer'));
    expect(ofCustomers).toEqual([first, second, first, second].map((id) => `customer:${id}`));
    expect(await subjects(deletions)).toEqual([`customer:${second}`]);
  });

  test('the body is the event as the log tells it', async () => {
    const id = await libraries.addWebhook(organization, URL);
    const [customer = 0] = await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);

    const [row] = await libraries.primary.query<{ body: string; event_cursor: string }>(
      'SELECT body, event_cursor FROM webhook_deliveries WHERE webhook_id = $1',
      [id],
    );
    expect(JSON.parse(row?.body ?? '')).toMatchObject({
      cursor: row?.event_cursor,
      type: 'customer.created',
      entity: 'customer',
      entity_id: expect.toSatisfy((value) => String(value) === String(customer)),
      before: null,
      after: { id: customer },
    });
  });

  test('of another organization nothing arrives', async () => {
    const id = await libraries.addWebhook(await libraries.addOrganization(), URL);
    const own = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 3);

    await libraries.dispatchAll(own, 3);

    expect(await subjects(id)).toEqual([]);
  });

  test('ten runs at once while others write store every event once', async () => {
    const id = await libraries.addWebhook(organization, URL);
    const written: number[] = [];
    const write = async () => {
      for (let n = 0; n < 20; n += 1) written.push(...(await libraries.addCustomers(organization, 3)));
    };
    const dispatch = async () => {
      for (let n = 0; n < 10; n += 1) await libraries.dispatch.run();
    };

    await Promise.all([write(), write(), ...Array.from({ length: 10 }, dispatch)]);
    await libraries.dispatchAll(id, 120);
    expect((await subjects(id)).sort()).toEqual(written.map((customer) => `customer:${customer}`).sort());
  });

  test('what was not committed is read again, and holds up no other organization', async () => {
    const id = await libraries.addWebhook(organization, URL);
    const twin = await libraries.addWebhook(organization, URL);
    const elsewhere = await libraries.addOrganization();
    const neighbour = await libraries.addWebhook(elsewhere, URL);
    await libraries.addCustomers(organization, 2);
    await libraries.addCustomers(elsewhere, 2);
    await libraries.primary.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.webhook_id = '${twin}' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$`);
    await libraries.primary.query(`CREATE TRIGGER refuse BEFORE INSERT ON webhook_deliveries
      FOR EACH ROW EXECUTE FUNCTION refuse()`);

    await libraries.dispatchAll(neighbour, 2);
    expect([...(await subjects(id)), ...(await subjects(twin))]).toEqual([]);
    expect((await jobs()).map(({ payload }) => payload)).toMatchObject([{ webhook_id: neighbour }]);

    await libraries.primary.query('DROP FUNCTION refuse CASCADE');
    await libraries.dispatchAll(twin, 2);
    await libraries.dispatchAll(id, 2);
    expect(await subjects(id)).toHaveLength(2);
  });

  test('an endpoint for which a thousand wait reads no further, until they have gone', async () => {
    const slow = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 1_500);
    await libraries.dispatchAll(slow, 1_000);
    await libraries.dispatch.run();
    const waiting = (await subjects(slow)).length;
    expect(waiting).toBeGreaterThanOrEqual(1_000);
    expect(waiting).toBeLessThan(1_500);

    await libraries.primary.query(`UPDATE webhook_deliveries SET state = 'delivered'`);
    await libraries.dispatchAll(slow, 1_500);

    expect(await subjects(slow)).toHaveLength(1_500);
  });

  test('a disabled endpoint gets nothing and, enabled again, what it missed', async () => {
    const id = await libraries.addWebhook(organization, URL);
    const other = await libraries.addWebhook(organization, URL);
    await libraries.webhooks.update(organization, id, { enabled: false });
    await libraries.addCustomers(organization, 2);
    await libraries.dispatchAll(other, 2);
    expect(await subjects(id)).toEqual([]);
    expect(await jobs()).toMatchObject([{ payload: { webhook_id: other } }]);

    await libraries.webhooks.update(organization, id, { enabled: true });
    await libraries.dispatchAll(id, 2);

    expect(await subjects(id)).toHaveLength(2);
  });

  test('one job sends to an endpoint at a time, and the next is asked for when it has ended', async () => {
    const id = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 2);

    await libraries.dispatchAll(id, 2);
    await Promise.all([libraries.dispatch.run(), libraries.dispatch.run(), libraries.dispatch.run()]);
    await libraries.dispatch.run();
    const payload = { organization_id: organization, webhook_id: id };
    expect(await jobs()).toMatchObject([{ queue: 'critical', payload }]);

    const [first] = await jobs();
    await settleJobs();
    await libraries.dispatch.run();
    const [second] = await jobs();
    expect(second?.id).not.toBe(first?.id);
    await libraries.primary.query('DELETE FROM jobs');
    await libraries.dispatch.run();
    expect(await jobs()).toHaveLength(1);
  });

  test('no job is asked for where nothing is due', async () => {
    const id = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 1);
    await libraries.dispatchAll(id, 1);
    await settleJobs();
    await libraries.primary.query(`UPDATE webhook_progress SET rest_until = now() + interval '1 hour'`);
    await libraries.dispatch.run();
    const before = await jobs();
    expect(before).toHaveLength(1);

    await libraries.deliveries.test(organization, id);
    await libraries.dispatch.run();

    expect(await jobs()).not.toEqual(before);
  });

  test('endpoints in trouble get three jobs at once, new ones five, all others theirs', async () => {
    const add = async (count: number, progress: string, whose = organization): Promise<string> => {
      let last = '';
      for (let n = 0; n < count; n += 1) {
        last = await libraries.addWebhook(whose, URL);
        await libraries.primary.query(`UPDATE webhook_progress SET ${progress} WHERE webhook_id = '${last}'`);
      }
      return last;
    };
    await add(8, `failures = 1, last_attempt_at = now() - interval '1 day'`);
    await add(9, 'failures = 0');
    const good = await add(5, 'last_attempt_at = now()');
    await libraries.addCustomers(organization, 1);

    await libraries.dispatchAll(good, 1);
    expect(await jobs()).toHaveLength(3 + 5 + 5);
    await libraries.dispatch.run();
    expect(await jobs()).toHaveLength(3 + 5 + 5);
  });

  test('of new endpoints each organization gets its turn, however many one has', async () => {
    const elsewhere = await libraries.addOrganization();
    for (let n = 0; n < 12; n += 1) await libraries.addWebhook(organization, URL);
    const few = [await libraries.addWebhook(elsewhere, URL), await libraries.addWebhook(elsewhere, URL)];
    await libraries.addCustomers(organization, 1);
    await libraries.addCustomers(elsewhere, 1);
    await untilLogSettled(libraries.primary);

    await libraries.dispatchAll(few[1] ?? '', 1);
    await libraries.dispatch.run();
    const ids = (await jobs()).map(({ payload }) => (payload as { webhook_id: string }).webhook_id);
    expect(ids).toHaveLength(5);
    expect(ids).toContain(few[0]);
  });

  test('endpoints that have read all share one place in the log, however far apart they began', async () => {
    const places = () => libraries.primary.query('SELECT DISTINCT cursor FROM webhook_progress');
    const first = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 250);
    const second = await libraries.addWebhook(organization, URL);
    const third = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 2);
    expect(await places()).not.toHaveLength(1);

    await libraries.dispatchAll(first, 252);

    expect([await subjects(second), await subjects(third)]).toEqual([expect.any(Array), await subjects(second)]);
    expect((await subjects(first)).slice(-2)).toEqual((await subjects(second)).slice(-2));
    expect(new Set(await subjects(first)).size).toBe(252);
    expect(await places()).toHaveLength(1);
  });

  test('a place of before a promotion is renewed, and nothing is missed or doubled', async () => {
    const id = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 2);
    await libraries.dispatchAll(id, 2);
    await libraries.primary.query(`INSERT INTO change_log_epochs (epoch, system_id, timeline, relation)
      SELECT max(epoch) + 1, 'elsewhere', '00000002', 1 FROM change_log_epochs`);
    await libraries.addCustomers(organization, 3);

    await libraries.dispatchAll(id, 5);
    await libraries.dispatch.run();

    expect(new Set(await subjects(id)).size).toBe(5);
    expect(await subjects(id)).toHaveLength(5);
  });

  test('deliveries that ended a month ago are purged, and no others', async () => {
    const id = await libraries.addWebhook(organization, URL);
    await libraries.addCustomers(organization, 3);
    await libraries.dispatchAll(id, 3);
    const [old, recent] = await libraries.primary.query<{ id: string }>('SELECT id FROM webhook_deliveries');
    const end = `UPDATE webhook_deliveries SET state = 'delivered', finished_at = now() - $2::interval WHERE id = $1`;
    await libraries.primary.query(end, [old?.id, '31 days']);
    await libraries.primary.query(end, [recent?.id, '29 days']);

    await libraries.deliveries.deleteExpired(1_000);

    expect(await subjects(id)).toHaveLength(2);
    expect(await libraries.primary.query('SELECT FROM webhook_deliveries WHERE id = $1', [old?.id])).toEqual([]);
  });
});
