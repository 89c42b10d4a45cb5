import { TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import { Organization } from './organization.entity.js';

/** Organizations on the primary. */
@Injectable()
export class OrganizationsRepository {
  constructor(private readonly transactions: TransactionRunner) {}

  async insert(name: string): Promise<Organization> {
    return this.transactions.manager.save(Organization, { name }, { transaction: false });
  }
}
