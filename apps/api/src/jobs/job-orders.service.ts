import { DailyAggregateService } from '@app/analytics';
import { DomainError } from '@app/errors';
import { OperatorsService } from '@app/identity';
import { type Job, JobsService } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import type { CreateJobDto } from './dto/job.dto.js';

/** Turns what a caller asks for into the job; some types are the operators' alone, because they read everybody's rows. */
@Injectable()
export class JobOrders {
  constructor(
    private readonly jobs: JobsService,
    private readonly aggregates: DailyAggregateService,
    private readonly operators: OperatorsService,
  ) {}

  /** @throws DomainError `forbidden`, and what the job's own service refuses. */
  async place(user: AuthenticatedUser, { type, date }: CreateJobDto): Promise<Job> {
    if (type === 'aggregate') return this.aggregates.request(user.organizationId, date ?? undefined);
    if (!(await this.operators.isOperator(user.id, user.isOperator))) {
      throw new DomainError('forbidden', 'You may not do this');
    }
    return this.jobs.request(user.organizationId, type, {});
  }
}
