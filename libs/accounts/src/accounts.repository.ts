import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { ACCOUNT_JSON } from './account.sql.js';
import { ACCOUNT_STATUSES } from './account-status.js';

export interface NewAccount {
  customerId: number;
  name: string;
  status: string;
}

export interface AccountChange {
  name: string;
  status: string;
}

/** Inserts only below a customer of the organization; the foreign key guards against one deleted meanwhile. */
const INSERT = statement(
  'insert-account',
  `INSERT INTO accounts (organization_id, customer_id, name, status)
   SELECT organization_id, id, $3, $4 FROM customers WHERE organization_id = $1 AND id = $2::bigint
   RETURNING ${ACCOUNT_JSON} AS json`,
);
/** A status outside the four is taken only where the row has it already (adopted rows do). */
const UPDATE = statement(
  'update-account',
  `UPDATE accounts SET name = $3, status = $4, updated_at = now() AT TIME ZONE 'UTC'
   WHERE id = $1::bigint AND organization_id = $2 AND (status = $4 OR $4 = ANY ('{${ACCOUNT_STATUSES.join(',')}}'::text[]))
   RETURNING ${ACCOUNT_JSON} AS json`,
);
const DELETE = statement(
  'delete-account',
  'DELETE FROM accounts WHERE id = $1::bigint AND organization_id = $2 RETURNING id',
);
const EXISTS = statement('account-exists', 'SELECT 1 FROM accounts WHERE id = $1::bigint AND organization_id = $2');

/** Writes of accounts on the primary; answers are the row's JSON text, null where nothing was written. */
@Injectable()
export class AccountsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Null when the organization has no such customer. */
  async insert(organizationId: number, { customerId, name, status }: NewAccount): Promise<string | null> {
    const rows = await this.primary.write<{ json: string }>(organizationId, INSERT, [
      organizationId,
      customerId,
      name,
      status,
    ]);
    return rows[0]?.json ?? null;
  }

  /** Null when the organization has no such account, or the status is neither one of the four nor the row's own. */
  async update(organizationId: number, id: number, { name, status }: AccountChange): Promise<string | null> {
    const rows = await this.primary.write<{ json: string }>(organizationId, UPDATE, [id, organizationId, name, status]);
    return rows[0]?.json ?? null;
  }

  async exists(organizationId: number, id: number): Promise<boolean> {
    return (await this.primary.query(EXISTS, [id, organizationId])).length > 0;
  }

  async delete(organizationId: number, id: number): Promise<boolean> {
    return (await this.primary.write(organizationId, DELETE, [id, organizationId])).length > 0;
  }
}
