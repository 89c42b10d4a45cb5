import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebhookLibraries } from '../../../test/webhooks/support/webhook-libraries.js';

const INPUT = { url: 'https://example.com/hooks', eventTypes: ['customer.*'], description: 'Billing', enabled: true };

describe('webhooks of an organization', () => {
  let libraries: WebhookLibraries;
  let own: number;
  let other: number;
  beforeAll(async () => {
    libraries = await WebhookLibraries.open();
  });
  beforeEach(async () => {
    [own, other] = [await libraries.addOrganization(), await libraries.addOrganization()];
  });
  afterAll(() => libraries?.close());

  const create = async () => {
    const { json, secret } = await libraries.webhooks.create(own, INPUT);
    return { id: (JSON.parse(json) as { id: string }).id, json, secret };
  };
  const eventsOf = (id: string) =>
    libraries.primary.query<{ type: string; before: string | null; after: string | null }>(
      `SELECT type, before::text, after::text FROM events WHERE entity = 'webhook' AND entity_id = $1
       ORDER BY epoch, xid, seq`,
      [id],
    );

  test('are answered with these keys in this order, and never with a secret', async () => {
    const { id, json, secret } = await create();

    expect(json).toBe(await libraries.webhooks.get(own, id));
    expect(await libraries.webhooks.list(own)).toEqual([json]);
    expect(Object.entries(JSON.parse(json))).toEqual([
      ['id', id],
      ['url', INPUT.url],
      ['event_types', ['customer.*']],
      ['description', 'Billing'],
      ['enabled', true],
      ['disabled_reason', null],
      ['created_at', expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/)],
      ['secret_created_at', expect.stringMatching(/^\d{4}-.*\.\d{6}Z$/)],
    ]);
    expect(secret).toMatch(/^whsec_/);
  });

  test('do not exist for another organization', async () => {
    const { id } = await create();
    const notFound = expect.objectContaining({ code: 'webhook_not_found' });

    await expect(libraries.webhooks.get(other, id)).rejects.toEqual(notFound);
    await expect(libraries.webhooks.update(other, id, { enabled: false })).rejects.toEqual(notFound);
    await expect(libraries.webhooks.rotateSecret(other, id)).rejects.toEqual(notFound);
    await expect(libraries.webhooks.delete(other, id)).rejects.toEqual(notFound);
    await expect(libraries.deliveries.list(other, id, { limit: 1 })).rejects.toEqual(notFound);
    await expect(libraries.deliveries.test(other, id)).rejects.toEqual(notFound);
    await expect(libraries.webhooks.get(own, 'no-id')).rejects.toEqual(notFound);
    expect(await libraries.webhooks.list(other)).toEqual([]);
  });

  test('change as far as is given', async () => {
    const { id } = await create();

    const changed = JSON.parse(await libraries.webhooks.update(own, id, { eventTypes: ['*'], enabled: false }));

    expect(changed).toMatchObject({ url: INPUT.url, event_types: ['*'], description: 'Billing', enabled: false });
    await libraries.webhooks.delete(own, id);
    expect(await libraries.webhooks.list(own)).toEqual([]);
  });

  test('are in the change log with what GET answers, and no secret', async () => {
    const { id, json } = await create();
    const changed = await libraries.webhooks.update(own, id, { url: 'https://example.com/"quoted"/é' });
    const { json: rotated } = await libraries.webhooks.rotateSecret(own, id);
    await libraries.webhooks.delete(own, id);

    expect(await eventsOf(id)).toEqual([
      { type: 'webhook.created', before: null, after: json },
      { type: 'webhook.updated', before: json, after: changed },
      { type: 'webhook.updated', before: changed, after: rotated },
      { type: 'webhook.deleted', before: rotated, after: null },
    ]);
    const [{ text }] = (await libraries.primary.query<{ text: string }>(
      'SELECT string_agg(events::text, chr(10)) AS text FROM events',
    )) as [{ text: string }];
    expect(text).not.toContain('whsec_');
  });

  test('what is wrong is told by field', async () => {
    const input = { ...INPUT, url: 'ftp://example.com/', eventTypes: ['customer.*', 'costumer.*'] };

    await expect(libraries.webhooks.create(own, input)).rejects.toMatchObject({
      code: 'validation_failed',
      fields: [{ field: 'url' }, { field: 'event_types' }],
    });
  });

  test('a rotation keeps the secret before for a day, and no third one', async () => {
    const { id, secret } = await create();
    const second = await libraries.webhooks.rotateSecret(own, id);
    const third = await libraries.webhooks.rotateSecret(own, id);

    const rows = await libraries.primary.query(
      `SELECT secret, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM webhook_secrets
       WHERE webhook_id = $1 ORDER BY id`,
      [id],
    );
    expect(rows).toEqual([
      { secret: second.secret, hours: 24 },
      { secret: third.secret, hours: null },
    ]);
    expect(new Set([secret, second.secret, third.secret]).size).toBe(3);
  });

  test('changed all at once they lose nothing and wait for nobody for ever', async () => {
    const { id } = await create();

    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 ? libraries.webhooks.rotateSecret(own, id) : libraries.webhooks.update(own, id, { description: `${n}` }),
      ),
    );

    const rows = await libraries.primary.query('SELECT FROM webhook_secrets WHERE webhook_id = $1', [id]);
    expect(rows).toHaveLength(2);
  });

  test('an organization can have a thousand', async () => {
    await libraries.primary.query(
      `INSERT INTO webhooks (organization_id, url, event_types) SELECT $1, 'https://example.com/', '{*}'
       FROM generate_series(1, 1000)`,
      [own],
    );

    await expect(create()).rejects.toMatchObject({ code: 'webhook_limit_reached' });
  });
});
