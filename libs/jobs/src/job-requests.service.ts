import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import type { Job } from './ledger/job.js';
import { JobsRepository, type NewJob } from './ledger/jobs.repository.js';
import { requestFingerprint } from './request-fingerprint.js';

/** How long an idempotency key stands for its job. */
const KEY_HOURS = 24;

export interface RequestOptions {
  /** A second request with the same key is the first one again: it makes no other job. Unique per organization. */
  idempotencyKey?: string | undefined;
  /** What makes two requests the same, see `requestFingerprint`; the payload's where it is not given. */
  fingerprint?: string | undefined;
}

/** `isReplayed`: the job was asked for before, with the same idempotency key. */
export type RequestedJob = Job & { isReplayed: boolean };

/** Writes jobs down, each request once. */
@Injectable()
export class JobRequests {
  constructor(private readonly jobs: JobsRepository) {}

  /** @throws DomainError `idempotency_key_reused` */
  async accept(job: NewJob, { idempotencyKey, fingerprint }: RequestOptions): Promise<RequestedJob> {
    const { organizationId, type, payload } = job;
    if (idempotencyKey === undefined) return { ...orThrow(await this.jobs.insert(job)), isReplayed: false };
    const requestHash = hashOf(type, fingerprint ?? requestFingerprint(payload));
    await this.jobs.freeKey(organizationId, idempotencyKey, KEY_HOURS);
    const added = await this.jobs.insert({ ...job, idempotency: { key: idempotencyKey, requestHash } });
    if (added !== null) return { ...added, isReplayed: false };
    return { ...orThrow(await this.findSame(organizationId, idempotencyKey, requestHash)), isReplayed: true };
  }

  /** @throws DomainError `idempotency_key_reused` */
  async find(organizationId: number, type: string, options: Required<RequestOptions>): Promise<Job | null> {
    const { idempotencyKey, fingerprint } = options;
    if (idempotencyKey === undefined || fingerprint === undefined) return null;
    await this.jobs.freeKey(organizationId, idempotencyKey, KEY_HOURS);
    return this.findSame(organizationId, idempotencyKey, hashOf(type, fingerprint));
  }

  private async findSame(organizationId: number, key: string, requestHash: string): Promise<Job | null> {
    const known = await this.jobs.findByKey(organizationId, key);
    if (known !== null && known.requestHash !== requestHash) {
      throw new DomainError('idempotency_key_reused', 'The idempotency key was used for another request');
    }
    return known?.job ?? null;
  }
}

function hashOf(type: string, fingerprint: string): string {
  return requestFingerprint([type, fingerprint]);
}

/** A job that was there a statement ago is gone only with its organization. */
function orThrow(job: Job | null): Job {
  if (job === null) throw new DomainError('job_not_found', 'Job not found');
  return job;
}
