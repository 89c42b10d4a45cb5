import { TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { currentContext } from '@app/logging';
import { Injectable } from '@nestjs/common';
import { EndpointProgressRepository } from '../dispatch/endpoint-progress.repository.js';
import { WEBHOOK_ID } from '../webhook.js';
import { WebhooksRepository } from '../webhooks.repository.js';
import { DeliveriesRepository } from './deliveries.repository.js';
import type { Delivery, DeliveryState } from './delivery.js';
import { decodeDeliveryCursor, encodeDeliveryCursor } from './delivery-list-cursor.js';
import { pingEvent } from './ping-event.js';

/** A page of deliveries; `nextCursor` is null at the end. */
export interface DeliveryPage {
  deliveries: Delivery[];
  nextCursor: string | null;
}

/** How long a delivery that ended stays in the log; as long as the events themselves. */
const KEPT_DAYS = 30;

/** What was sent to an endpoint, and sending it again. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly progress: EndpointProgressRepository,
    private readonly transactions: TransactionRunner,
  ) {}

  /** The endpoint's deliveries, newest first. @throws DomainError `webhook_not_found`, `invalid_cursor`. */
  async list(
    organizationId: number,
    webhookId: string,
    request: { limit: number; cursor?: string; state?: DeliveryState },
  ): Promise<DeliveryPage> {
    const { limit, cursor, state } = request;
    const before = cursor === undefined ? undefined : decodeDeliveryCursor(cursor);
    if (!WEBHOOK_ID.test(webhookId) || (await this.webhooks.find(organizationId, webhookId)) === null) notFound();
    const found = await this.deliveries.list(webhookId, limit + 1, before, state);
    const deliveries = found.slice(0, limit);
    const last = deliveries.at(-1);
    return { deliveries, nextCursor: last && found.length > limit ? encodeDeliveryCursor(last.position) : null };
  }

  /**
   * Sends a `webhook.ping`, before all that waits, and once only. How it went is to be looked up in the deliveries.
   *
   * @throws DomainError `webhook_not_found`, `webhook_disabled`.
   */
  test(organizationId: number, webhookId: string): Promise<Delivery> {
    return this.transactions.run(async () => {
      await this.prepare(organizationId, webhookId);
      const event = pingEvent(webhookId, currentContext());
      return this.deliveries.insertTest(webhookId, event.type, JSON.stringify(event));
    });
  }

  /**
   * Sends a delivery again, whatever became of it before, under the same `webhook-id`; it has all its attempts again.
   *
   * @throws DomainError `webhook_not_found`, `webhook_disabled`, `delivery_not_found`.
   */
  redeliver(organizationId: number, webhookId: string, id: string): Promise<Delivery> {
    return this.transactions.run(async () => {
      await this.prepare(organizationId, webhookId);
      const delivery = WEBHOOK_ID.test(id) ? await this.deliveries.again(webhookId, id) : null;
      if (delivery === null) throw new DomainError('delivery_not_found', 'Delivery not found');
      return delivery;
    });
  }

  /** Deletes up to `limit` deliveries that ended long ago, in the caller's transaction. @returns how many. */
  deleteExpired(limit: number): Promise<number> {
    return this.deliveries.purge(KEPT_DAYS, limit);
  }

  /** Whoever asks for an attempt wants it now, though the endpoint may be resting after failures. */
  private async prepare(organizationId: number, webhookId: string): Promise<void> {
    const webhook = WEBHOOK_ID.test(webhookId) ? await this.webhooks.lock(organizationId, webhookId) : null;
    if (webhook === null) notFound();
    if (!webhook.enabled) throw new DomainError('webhook_disabled', 'The webhook is disabled: enable it first');
    await this.progress.endRest(webhookId);
  }
}

function notFound(): never {
  throw new DomainError('webhook_not_found', 'Webhook not found');
}
