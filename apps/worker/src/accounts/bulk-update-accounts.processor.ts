import { AccountBulkUpdates, type BulkUpdateState } from '@app/accounts';
import type { JobPayloads } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { JobProcessor, JobRun } from '../execution/job-processor.js';

const BEGINNING: BulkUpdateState = { after: 0, matched: 0, updated: 0 };

/** Does `bulk-update-accounts` jobs: one status for many accounts of one organization, step by step. */
@Injectable()
export class BulkUpdateAccountsProcessor implements JobProcessor<'bulk-update-accounts'> {
  constructor(private readonly updates: AccountBulkUpdates) {}

  async process(payload: JobPayloads['bulk-update-accounts'], run: JobRun): Promise<void> {
    const { organization_id: organizationId, status, account_ids: ids, filter: filters } = payload;
    const update = { organizationId, status, selection: { ids, filters } };
    const end = await this.updates.lastId(update);
    let state = (run.checkpoint ?? BEGINNING) as BulkUpdateState;
    for (let isMore = true; isMore; ) {
      const next = await run.step(
        () => this.updates.updateNext(update, state),
        (reached) => ({ checkpoint: reached ?? state, percent: ((reached?.after ?? end) / Math.max(end, 1)) * 100 }),
      );
      isMore = next !== null;
      state = next ?? state;
    }
    const { matched, updated } = state;
    await run.complete(async () => ({ matched, updated }));
  }
}
