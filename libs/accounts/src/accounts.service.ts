import type { Readable } from 'node:stream';
import { isForeignKeyViolation, type ListFilters, type ListRequest, type Page, type PageRequest } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { ACCOUNT_STATUSES, isAccountStatus } from './account-status.js';
import { AccountsQueries } from './accounts.queries.js';
import { type AccountChange, AccountsRepository, type NewAccount } from './accounts.repository.js';

/** The accounts of one organization; another organization's don't exist here. Answers are JSON texts. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly repository: AccountsRepository,
    private readonly queries: AccountsQueries,
  ) {}

  /** @throws DomainError `account_not_found`. */
  async get(organizationId: number, id: number): Promise<string> {
    return (await this.queries.find(organizationId, id)) ?? notFound();
  }

  page(organizationId: number, request: PageRequest): Promise<Page> {
    return this.queries.page(organizationId, request);
  }

  count(organizationId: number, filters: ListFilters): Promise<number> {
    return this.queries.count(organizationId, filters);
  }

  stream(organizationId: number, request: ListRequest, form: 'json' | 'csv'): Promise<Readable> {
    return this.queries.stream(organizationId, request, form);
  }

  /** @throws DomainError `customer_unknown` when the organization has no such customer. */
  async create(organizationId: number, account: NewAccount): Promise<string> {
    const created = await this.repository.insert(organizationId, account).catch((error: unknown) => {
      if (isForeignKeyViolation(error)) return null;
      throw error;
    });
    return created ?? refuseCustomer();
  }

  /** @throws DomainError `account_not_found`; `validation_failed` for a status that is neither allowed nor present. */
  async update(organizationId: number, id: number, change: AccountChange): Promise<string> {
    const updated = await this.repository.update(organizationId, id, change);
    if (updated !== null) return updated;
    const isThere = !isAccountStatus(change.status) && (await this.repository.exists(organizationId, id));
    return isThere ? refuseStatus() : notFound();
  }

  /** @throws DomainError `account_not_found`. */
  async delete(organizationId: number, id: number): Promise<void> {
    if (!(await this.repository.delete(organizationId, id))) notFound();
  }
}

function notFound(): never {
  throw new DomainError('account_not_found', 'Account not found');
}

function refuseCustomer(): never {
  const message = 'customer_id names no customer';
  throw new DomainError('customer_unknown', message, {
    fields: [{ field: 'customer_id', code: 'unknown', message }],
  });
}

function refuseStatus(): never {
  const message = `status must be one of ${ACCOUNT_STATUSES.join(', ')}`;
  throw new DomainError('validation_failed', message, { fields: [{ field: 'status', code: 'one_of', message }] });
}
