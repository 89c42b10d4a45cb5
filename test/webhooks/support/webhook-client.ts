import { eventually } from '../../support/eventually.js';
import type { JobClient } from '../../worker/support/job-client.js';
import type { Receiver } from './receiver.js';

export interface WebhookAnswer {
  id: string;
  url: string;
  event_types: string[];
  description: string;
  enabled: boolean;
  disabled_reason: string | null;
  created_at: string;
  secret?: string;
}

export interface DeliveryAnswer {
  id: string;
  event_cursor: string | null;
  event_type: string;
  state: string;
  attempts: number;
  last_status: number | null;
  last_error: string | null;
  next_attempt_at: string | null;
}

/** What the tests of webhooks ask of the API, as one signed-in admin. */
export class WebhookClient {
  constructor(readonly client: JobClient) {}

  async add(url: string, event_types = ['customer.*']): Promise<WebhookAnswer & { secret: string }> {
    const { status, body } = await this.client.call('POST', '/api/webhooks', { url, event_types });
    if (status !== 201) throw new Error(`POST /api/webhooks answered ${status} ${JSON.stringify(body)}`);
    return body as unknown as WebhookAnswer & { secret: string };
  }

  async addAll(receivers: Receiver[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { url } of receivers) ids.push((await this.add(url)).id);
    return ids;
  }

  async webhook(id: string): Promise<WebhookAnswer> {
    return (await this.client.call<WebhookAnswer>('GET', `/api/webhooks/${id}`)).body;
  }

  /** Newest first. */
  async deliveries(id: string, query = ''): Promise<DeliveryAnswer[]> {
    const answer = await this.client.call<{ deliveries: DeliveryAnswer[] }>(
      'GET',
      `/api/webhooks/${id}/deliveries${query}`,
    );
    return answer.body.deliveries;
  }

  /** @returns the customers' ids, in the order in which they were made. */
  async addCustomers(count: number): Promise<number[]> {
    const ids: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const email = `${crypto.randomUUID()}@example.com`;
      const { status, body } = await this.client.call('POST', '/api/customers', { name: `Customer ${n}`, email });
      if (status !== 201) throw new Error(`POST /api/customers answered ${status}`);
      ids.push(Number(body.id));
    }
    return ids;
  }

  /** Resolves with the endpoint's newest delivery once it fits. */
  untilDelivery(id: string, fits: (delivery: DeliveryAnswer) => boolean, limitMs = 15_000): Promise<DeliveryAnswer> {
    return eventually(async () => {
      const [delivery] = await this.deliveries(id);
      if (delivery === undefined || !fits(delivery)) throw new Error(`The delivery is ${JSON.stringify(delivery)}`);
      return delivery;
    }, limitMs);
  }
}

/** Resolves once the receiver has got events about all of these, whatever came twice. */
export function untilReceived(receiver: Receiver, entityIds: number[], limitMs = 20_000): Promise<void> {
  return eventually(() => {
    const got = new Set(receiver.events.map(({ entity_id }) => Number(entity_id)));
    const missing = entityIds.filter((id) => !got.has(id));
    if (missing.length > 0) throw new Error(`${missing.length} of ${entityIds.length} events are missing`);
  }, limitMs);
}
