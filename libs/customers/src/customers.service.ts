import type { Readable } from 'node:stream';
import { isUniqueViolation, type ListFilters, type ListRequest, type Page, type PageRequest } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { CustomersQueries } from './customers.queries.js';
import { type CustomerInput, CustomersRepository } from './customers.repository.js';

/** The customers of one organization; another organization's don't exist here. Answers are JSON texts. */
@Injectable()
export class CustomersService {
  constructor(
    private readonly repository: CustomersRepository,
    private readonly queries: CustomersQueries,
  ) {}

  /** @throws DomainError `customer_not_found`. */
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

  /** @throws DomainError `email_taken`: addresses are unique in an organization, compared as sent. */
  create(organizationId: number, input: CustomerInput): Promise<string> {
    return this.repository.insert(organizationId, input).catch(refuseTakenEmail);
  }

  /** @throws DomainError `customer_not_found`, `email_taken`. */
  async update(organizationId: number, id: number, input: CustomerInput): Promise<string> {
    return (await this.repository.update(organizationId, id, input).catch(refuseTakenEmail)) ?? notFound();
  }

  /** @throws DomainError `customer_not_found`. */
  async delete(organizationId: number, id: number): Promise<void> {
    if (!(await this.repository.delete(organizationId, id))) notFound();
  }
}

function notFound(): never {
  throw new DomainError('customer_not_found', 'Customer not found');
}

function refuseTakenEmail(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  const message = 'Email already exists';
  throw new DomainError('email_taken', message, { cause: error, fields: [{ field: 'email', code: 'taken', message }] });
}
