import { DomainError } from '@app/errors';
import { JobsService, type RequestedJob, type RequestOptions } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { ACCOUNT_STATUSES, isAccountStatus } from '../account-status.js';
import type { AccountSelection } from './account-selection.js';
import { BulkUpdatesRepository } from './bulk-updates.repository.js';

/** Accounts changed in one transaction: few enough that nobody who writes one of them waits for long. */
const STEP = 500;
const MAX_IDS = 10_000;

export interface BulkUpdate {
  organizationId: number;
  status: string;
  selection: AccountSelection;
}

/** How far a bulk update is: everything up to the account with the id `after` is done. */
export interface BulkUpdateState {
  after: number;
  matched: number;
  updated: number;
}

/** The same status for many accounts, by a job that goes from id to id in steps. */
@Injectable()
export class AccountBulkUpdates {
  constructor(
    private readonly updates: BulkUpdatesRepository,
    private readonly jobs: JobsService,
  ) {}

  /** @throws DomainError `validation_failed`, `idempotency_key_reused` */
  request({ organizationId, status, selection }: BulkUpdate, options: RequestOptions): Promise<RequestedJob> {
    const { ids, filters } = selection;
    if (!isAccountStatus(status)) throw refuse('status', `must be one of ${ACCOUNT_STATUSES.join(', ')}`);
    if ((ids === undefined) === (filters === undefined)) {
      throw refuse('account_ids', 'or filter must be given, and not both');
    }
    if (ids !== undefined && (ids.length === 0 || ids.length > MAX_IDS)) {
      throw refuse('account_ids', `must be 1 to ${MAX_IDS} ids`);
    }
    const which = ids === undefined ? { filter: filters ?? {} } : { account_ids: ids };
    return this.jobs.request(organizationId, 'bulk-update-accounts', { status, ...which }, options);
  }

  /**
   * Changes the next accounts of the selection. To be called in the transaction of the job's step.
   *
   * @returns where that is; null when no account is left.
   */
  async updateNext(update: BulkUpdate, state: BulkUpdateState): Promise<BulkUpdateState | null> {
    const { organizationId, status, selection } = update;
    const batch = await this.updates.updateNext(organizationId, status, selection, state.after, STEP);
    if (batch.last === null) return null;
    return {
      after: batch.last,
      matched: state.matched + batch.matched,
      updated: state.updated + batch.updated,
    };
  }

  /** The highest id that a bulk update may reach, to tell how far one is. */
  lastId({ organizationId }: BulkUpdate): Promise<number> {
    return this.updates.lastId(organizationId);
  }
}

function refuse(field: string, why: string): DomainError {
  const message = `${field} ${why}`;
  return new DomainError('validation_failed', message, { fields: [{ field, code: 'invalid', message }] });
}
