import { Injectable } from '@nestjs/common';
import type { Organization } from './organization.entity.js';
import { OrganizationsRepository } from './organizations.repository.js';

/** The tenants. Every customer, account, job and user belongs to one. */
@Injectable()
export class OrganizationsService {
  constructor(private readonly repository: OrganizationsRepository) {}

  /** Joins the caller's transaction, so that no organization is left without its first user. */
  create(name: string): Promise<Organization> {
    return this.repository.insert(name);
  }
}
