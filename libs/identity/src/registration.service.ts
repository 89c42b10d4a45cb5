import { Configuration } from '@app/config';
import { isUniqueViolation, TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { OrganizationsService } from '@app/organizations';
import { Inject, Injectable } from '@nestjs/common';
import { hashPassword } from './password-hashing.js';
import { UsersRepository } from './users.repository.js';

/** Self-service registration: a new organization with its first user, who is its admin and never an operator. */
@Injectable()
export class RegistrationService {
  constructor(
    @Inject(Configuration) private readonly configuration: Configuration,
    private readonly transactions: TransactionRunner,
    private readonly organizations: OrganizationsService,
    private readonly users: UsersRepository,
  ) {}

  /** @throws DomainError `registration_closed`, `password_too_weak`, `username_taken`. */
  async register(username: string, password: string): Promise<void> {
    if (this.configuration.registration === 'closed') {
      throw new DomainError('registration_closed', 'Registration is closed');
    }
    this.checkPassword(password);
    if (await this.users.findByUsername(username)) throw usernameTaken();
    const passwordHash = await hashPassword(password);
    await this.transactions
      .run(async () => {
        const { id: organizationId } = await this.organizations.create(username);
        await this.users.insert({ username, passwordHash, organizationId, role: 'admin', isOperator: false });
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? usernameTaken() : error;
      });
  }

  private checkPassword(password: string): void {
    const { passwordMinLength } = this.configuration;
    if ([...password].length >= passwordMinLength) return;
    const message = `password must have at least ${passwordMinLength} characters`;
    throw new DomainError('password_too_weak', message, {
      fields: [{ field: 'password', code: 'too_short', message }],
    });
  }
}

function usernameTaken(): DomainError {
  const message = 'Username already exists';
  return new DomainError('username_taken', message, { fields: [{ field: 'username', code: 'taken', message }] });
}
