import { PrimaryDatabase, statement, TransactionRunner } from '@app/database';
import { Injectable } from '@nestjs/common';
import { User } from './user.entity.js';

const FIND_BY_USERNAME = statement(
  'find-user-by-username',
  `SELECT id, username, password_hash AS "passwordHash", organization_id AS "organizationId", role,
     is_operator AS "isOperator"
   FROM users WHERE username = $1`,
);

const REPLACE_PASSWORD_HASH = statement(
  'replace-password-hash',
  'UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2',
);

/** Users on the primary; user names are unique across organizations and compared as sent. */
@Injectable()
export class UsersRepository {
  constructor(
    private readonly primary: PrimaryDatabase,
    private readonly transactions: TransactionRunner,
  ) {}

  async findByUsername(username: string): Promise<User | null> {
    return (await this.primary.query<User>(FIND_BY_USERNAME, [username]))[0] ?? null;
  }

  /** Fails with a unique violation when the name is taken. */
  insert(user: Omit<User, 'id'>): Promise<User> {
    return this.transactions.manager.save(User, user, { transaction: false });
  }

  async replacePasswordHash(id: number, before: string, after: string): Promise<void> {
    await this.primary.query(REPLACE_PASSWORD_HASH, [id, before, after]);
  }
}
