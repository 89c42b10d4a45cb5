import { AccountBulkUpdates } from '@app/accounts';
import { DailyAggregateService } from '@app/analytics';
import { DomainError } from '@app/errors';
import { isRoleAtLeast, OperatorsService, type Role } from '@app/identity';
import { JobsService, type RequestedJob, type RequestOptions, requestFingerprint } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { parseFilters } from '../http/listing/parse-list-query.js';
import type { CreateJobDto, RequestableType } from './dto/job.dto.js';

interface RequestableJob {
  /** Who may ask for it: as the policies of routes, which can't tell one type from another. */
  access: Role | 'operator';
  request(organizationId: number, body: CreateJobDto, options: RequestOptions): Promise<RequestedJob>;
}

/** The jobs that can be asked for by name: to add one, add an entry. */
@Injectable()
export class RequestableJobs {
  private readonly byType: Record<RequestableType, RequestableJob>;

  constructor(
    aggregates: DailyAggregateService,
    bulkUpdates: AccountBulkUpdates,
    jobs: JobsService,
    private readonly operators: OperatorsService,
  ) {
    this.byType = {
      aggregate: {
        access: 'admin',
        request: (id, { date }, options) => aggregates.request(id, date ?? undefined, options),
      },
      'bulk-update-accounts': {
        access: 'member',
        request: (organizationId, { status, account_ids, filter }, options) =>
          bulkUpdates.request(
            {
              organizationId,
              status: status ?? '',
              selection: { ids: account_ids ?? undefined, filters: filter ? parseFilters(filter) : undefined },
            },
            options,
          ),
      },
      'verify-rollups': {
        access: 'operator',
        request: (id, _body, options) => jobs.request(id, 'verify-rollups', {}, options),
      },
      'rebuild-rollups': {
        access: 'operator',
        request: (id, _body, options) => jobs.request(id, 'rebuild-rollups', {}, options),
      },
      purge: {
        access: 'operator',
        request: (id, _body, options) => jobs.request(id, 'purge', {}, options),
      },
    };
  }

  /** @throws DomainError `forbidden`, `validation_failed`, `idempotency_key_reused` */
  async request(user: AuthenticatedUser, body: CreateJobDto, idempotencyKey?: string): Promise<RequestedJob> {
    const { access, request } = this.byType[body.type];
    const isAllowed =
      access === 'operator'
        ? await this.operators.isOperator(user.id, user.isOperator)
        : isRoleAtLeast(user.role, access);
    if (!isAllowed) throw new DomainError('forbidden', 'You may not do this');
    return request(user.organizationId, body, { idempotencyKey, fingerprint: requestFingerprint(body) });
  }
}
