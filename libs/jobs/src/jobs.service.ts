import { TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { currentContext } from '@app/logging';
import { Injectable } from '@nestjs/common';
import { JobHandover } from './job-handover.service.js';
import { JobRequests, type RequestedJob, type RequestOptions } from './job-requests.service.js';
import { isJobType, JOB_TYPES, type JobPayloads, type JobType } from './job-types.js';
import type { Job } from './ledger/job.js';
import type { JobFilters } from './ledger/job-list.sql.js';
import { decodeJobListCursor, encodeJobListCursor, JOB_ID } from './ledger/job-list-cursor.js';
import { JobsRepository } from './ledger/jobs.repository.js';

/** A page of jobs; `nextCursor` is null at the end. */
export interface JobPage {
  jobs: Job[];
  nextCursor: string | null;
}

/** Asks for jobs and tells how they are. */
@Injectable()
export class JobsService {
  constructor(
    private readonly jobs: JobsRepository,
    private readonly requests: JobRequests,
    private readonly handover: JobHandover,
    private readonly transactions: TransactionRunner,
  ) {}

  /**
   * Accepts a job: once this has resolved, it will be done, whatever is killed or away. Inside a transaction the job is
   * part of it, and the queue is told after the commit.
   *
   * @throws DomainError `primary_unavailable`: nothing was accepted (or, if the connection was lost, it is unknown);
   * `idempotency_key_reused` where the key stands for another request.
   */
  async request<Type extends JobType>(
    organizationId: number,
    type: Type,
    payload: Omit<JobPayloads[Type], 'organization_id'>,
    options: RequestOptions = {},
  ): Promise<RequestedJob> {
    const { queue, maxAttempts } = JOB_TYPES[type];
    const context = currentContext();
    const requested = await this.requests.accept(
      {
        organizationId,
        type,
        queue,
        maxAttempts,
        payload: { organization_id: organizationId, ...payload },
        requestId: context?.requestId ?? null,
        requestedBy: context?.actor ?? null,
      },
      options,
    );
    if (!requested.isReplayed) await this.transactions.afterCommit(() => this.handover.handOverSoon(requested));
    return requested;
  }

  /**
   * The job that an idempotency key stands for, for who wants to know before the request has come in whole.
   *
   * @throws DomainError `idempotency_key_reused` where it stands for another request.
   */
  findRequested(organizationId: number, type: JobType, options: Required<RequestOptions>): Promise<Job | null> {
    return this.requests.find(organizationId, type, options);
  }

  /**
   * Accepts a job for every organization made before the given time, once for each occasion however often and by how
   * many processes this is called. The workers hand them over.
   *
   * @returns how many were new.
   */
  requestOnceForEachOrganization<Type extends JobType>(
    occasion: string,
    type: Type,
    payload: Omit<JobPayloads[Type], 'organization_id'>,
    madeBefore: string,
  ): Promise<number> {
    const { queue, maxAttempts } = JOB_TYPES[type];
    return this.jobs.insertOnceForEachOrganization(occasion, { type, queue, maxAttempts, payload }, madeBefore);
  }

  /** @throws DomainError `job_not_found`, for another organization's job and for what is no id too. */
  async get(organizationId: number, id: string): Promise<Job> {
    const job = JOB_ID.test(id) ? await this.jobs.find(organizationId, id) : null;
    if (job === null) throw new DomainError('job_not_found', 'Job not found');
    return job;
  }

  /** The organization's jobs, newest first. @throws DomainError `invalid_cursor` */
  async list(organizationId: number, limit: number, filters: JobFilters = {}, cursor?: string): Promise<JobPage> {
    const position = cursor === undefined ? undefined : decodeJobListCursor(cursor);
    const found = await this.jobs.list(organizationId, limit + 1, filters, position);
    const jobs = found.slice(0, limit);
    const last = jobs.at(-1);
    return { jobs, nextCursor: last && found.length > limit ? encodeJobListCursor(last) : null };
  }

  /**
   * Cancels a job: what waits is never begun; what runs has no further effect from now on, and its worker hears of it
   * within about a second. Steps that a long job has finished stay.
   *
   * @throws DomainError `job_not_found`, or `job_not_cancellable` when it has ended.
   */
  async cancel(organizationId: number, id: string): Promise<Job> {
    await this.get(organizationId, id);
    const job = await this.jobs.cancel(organizationId, id);
    if (job === null) throw new DomainError('job_not_cancellable', 'The job has ended');
    return job;
  }

  /**
   * Starts a failed or cancelled job again, with as many attempts as at first; those that it had stay counted. A long job
   * goes on from its last checkpoint.
   *
   * @throws DomainError `job_not_found`, or `job_not_retryable` unless it has failed or was cancelled.
   */
  async retry(organizationId: number, id: string): Promise<Job> {
    const before = await this.get(organizationId, id);
    const attempts = isJobType(before.type) ? JOB_TYPES[before.type].maxAttempts : 1;
    const job = await this.jobs.restart(organizationId, id, attempts);
    if (job === null) throw new DomainError('job_not_retryable', 'Only a failed or cancelled job can be started again');
    // The entry of an earlier run may still be in the queue, also of a run that never began.
    const entry = { ...job, attempts: Math.max(job.attempts, 1) };
    await this.transactions.afterCommit(() => this.handover.handOverSoon(entry));
    return job;
  }
}
