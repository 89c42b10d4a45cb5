import { isJobType, JOB_TYPES, type JobType } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { BulkUpdateAccountsProcessor } from '../accounts/bulk-update-accounts.processor.js';
import { ComputeAggregateProcessor } from '../analytics/compute-aggregate.processor.js';
import { RebuildRollupsProcessor } from '../analytics/rebuild-rollups.processor.js';
import { VerifyRollupsProcessor } from '../analytics/verify-rollups.processor.js';
import { ImportAccountsProcessor } from '../imports/import-accounts.processor.js';
import { ImportCustomersProcessor } from '../imports/import-customers.processor.js';
import { PurgeExpiredProcessor } from '../purge/purge-expired.processor.js';
import { DeliverWebhookProcessor } from '../webhooks/deliver-webhook.processor.js';
import type { JobProcessor, JobRun } from './job-processor.js';

/** A job of a type that this version has no processor for; a newer worker may have. */
export class UnknownJobTypeError extends Error {
  constructor(type: string) {
    super(`No processor for jobs of type ${type}`);
    this.name = 'UnknownJobTypeError';
  }
}

/** Which processor does the jobs of which type. A type without one does not compile. */
@Injectable()
export class JobProcessors {
  private readonly byType: { readonly [Type in JobType]: JobProcessor<Type> };

  constructor(
    aggregate: ComputeAggregateProcessor,
    bulkUpdate: BulkUpdateAccountsProcessor,
    importCustomers: ImportCustomersProcessor,
    importAccounts: ImportAccountsProcessor,
    deliverWebhook: DeliverWebhookProcessor,
    verify: VerifyRollupsProcessor,
    rebuild: RebuildRollupsProcessor,
    purge: PurgeExpiredProcessor,
  ) {
    this.byType = {
      aggregate,
      'bulk-update-accounts': bulkUpdate,
      'import-customers': importCustomers,
      'import-accounts': importAccounts,
      'deliver-webhook': deliverWebhook,
      'verify-rollups': verify,
      'rebuild-rollups': rebuild,
      purge,
    };
  }

  /** @throws UnknownJobTypeError, InvalidPayloadError, or whatever the processor throws. */
  async process(type: string, payload: unknown, run: JobRun): Promise<void> {
    if (!isJobType(type)) throw new UnknownJobTypeError(type);
    await this.processAs(type, payload, run);
  }

  private processAs<Type extends JobType>(type: Type, payload: unknown, run: JobRun): Promise<void> {
    return this.byType[type].process(JOB_TYPES[type].parsePayload(payload), run);
  }
}
