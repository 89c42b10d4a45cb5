import type { JobPayloads } from '@app/jobs';
import { DispatchService, SendingService } from '@app/webhooks';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

/** How long one job sends before it makes room for others; what is left gets another job within a second. */
const TURN_MS = 5_000;

/**
 * Does `deliver-webhook` jobs: sends what is due for one endpoint, one after the other, and stores each attempt in a
 * transaction of its own. Killed between sending and storing, a delivery is sent again under the same id; a process that
 * stops stores what it has sent.
 */
@Injectable()
export class DeliverWebhookProcessor implements JobProcessor<'deliver-webhook'> {
  constructor(
    private readonly sending: SendingService,
    private readonly dispatch: DispatchService,
  ) {}

  async process({ organization_id, webhook_id }: JobPayloads['deliver-webhook'], run: JobRun): Promise<void> {
    const sender = this.sending.openSender();
    const endsAt = performance.now() + TURN_MS;
    let sent = 0;
    let wasFirst = false;
    try {
      while (performance.now() < endsAt) {
        run.assertMayGoOn();
        const attempt = await this.sending.attemptNext(organization_id, webhook_id, sender);
        if (attempt === null) break;
        const isOurs = await run.step(
          () => this.sending.settle(organization_id, webhook_id, attempt),
          () => ({ checkpoint: { sent: sent + 1 }, percent: 0 }),
          { evenWhileStopping: true },
        );
        if (!isOurs) break;
        sent += 1;
        wasFirst ||= attempt.delivery.isFirst;
      }
    } finally {
      sender.close();
    }
    await run.complete(async () => ({ sent }));
    // There is room for another new endpoint; if this fails, the next run of the dispatch finds it.
    if (wasFirst) await this.dispatch.requestSenders().catch(() => undefined);
  }
}
