import { Configuration } from '@app/config';
import { LOGGER, type Logger } from '@app/logging';
import { Inject, Injectable } from '@nestjs/common';
import type { AttemptOutcome } from './attempt-outcome.js';
import { SendingMetrics } from './sending.metrics.js';
import { type DueDelivery, SendingRepository } from './sending.repository.js';
import { settlementOf } from './settlement.js';
import { WebhookSender } from './webhook-sender.js';

/** An attempt that was made and is not stored yet. */
export interface MadeAttempt {
  delivery: DueDelivery;
  outcome: AttemptOutcome;
}

/** Sends what is due for one endpoint and stores how it went. Sending and storing are apart: no connection waits for a receiver. */
@Injectable()
export class SendingService {
  constructor(
    private readonly repository: SendingRepository,
    private readonly metrics: SendingMetrics,
    private readonly configuration: Configuration,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** For the time of one job: it keeps its connections. Close it. */
  openSender(): WebhookSender {
    return new WebhookSender({ rules: this.configuration.webhooks });
  }

  /** Makes one attempt at what is due first; null when nothing is. It takes ten seconds at most. */
  async attemptNext(organizationId: number, webhookId: string, sender: WebhookSender): Promise<MadeAttempt | null> {
    const delivery = await this.repository.nextDue(organizationId, webhookId);
    if (delivery === null) return null;
    const { id, body, url, secrets } = delivery;
    const outcome = await sender.send({ id, body, url, secrets });
    this.metrics.attempts.inc({ result: outcome.result });
    this.metrics.duration.observe(outcome.durationMs / 1_000);
    return { delivery, outcome };
  }

  /**
   * Stores an attempt and what follows from it; call it in a transaction. Where that never commits the delivery is sent
   * again, under the same id.
   *
   * @returns false when the delivery was settled by somebody else or is gone: then there is nothing to go on with.
   */
  async settle(organizationId: number, webhookId: string, { delivery, outcome }: MadeAttempt): Promise<boolean> {
    const settlement = settlementOf(delivery, outcome, this.configuration.webhooks.retryScale);
    const { disabledReason } = settlement;
    // The endpoint first, then its delivery: the order in which changes of the endpoint take their locks.
    if (disabledReason !== null) {
      await this.repository.disable(organizationId, webhookId, delivery.url, disabledReason);
      this.logger.warn({ webhook_id: webhookId, reason: disabledReason }, 'webhook disabled');
    }
    return this.repository.settle(delivery, outcome, settlement);
  }
}
