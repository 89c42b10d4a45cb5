import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { Place } from '../event-cursor.js';

export interface LoggedDeletion {
  type: string;
  entity: string;
  entityId: string;
  transaction: string;
  occurredAt: string;
  customerId: string | null;
  /** It was no deletion: the row has another id or organization now, by direct SQL. */
  moved: boolean;
}

const FIND = statement(
  'find-logged-event',
  `SELECT type, entity, entity_id AS "entityId", transaction, occurred_at::text AS "occurredAt",
     before ->> 'customer_id' AS "customerId", moved
   FROM events WHERE organization_id = $1 AND epoch = $2 AND xid = $3 AND seq = $4`,
);
/** The rollups take the deletion back by it, instead of counting another creation. */
const RESTORING = statement('tell-restoring', `SELECT set_config('tandem.restores', $1, true)`);

const AT = (key: string) => `(e.before ->> '${key}')::timestamptz AT TIME ZONE 'UTC'`;
const RESTORE_CUSTOMER = statement(
  'restore-customer',
  `INSERT INTO customers (organization_id, id, name, email, created_at, updated_at)
   SELECT e.organization_id, (e.before ->> 'id')::int, e.before ->> 'name', e.before ->> 'email', ${AT('created_at')}, ${AT('updated_at')}
   FROM events e WHERE e.organization_id = $1 AND e.epoch = $2 AND e.xid = $3 AND e.seq = $4
   RETURNING id`,
);
const ACCOUNT_COLUMNS = `e.organization_id, (e.before ->> 'id')::int, (e.before ->> 'customer_id')::int, e.before ->> 'name',
     e.before ->> 'status', ${AT('created_at')}, ${AT('updated_at')}`;
const INSERT_ACCOUNTS = 'INSERT INTO accounts (organization_id, id, customer_id, name, status, created_at, updated_at)';
const RESTORE_ACCOUNT = statement(
  'restore-account',
  `${INSERT_ACCOUNTS} SELECT ${ACCOUNT_COLUMNS}
   FROM events e WHERE e.organization_id = $1 AND e.epoch = $2 AND e.xid = $3 AND e.seq = $4
   RETURNING id`,
);
/** Events of one transaction lie between its own id and the place of its last event. */
const RESTORE_ACCOUNTS_OF = statement(
  'restore-accounts-of-customer',
  `WITH restored AS (
     ${INSERT_ACCOUNTS} SELECT ${ACCOUNT_COLUMNS}
     FROM events e WHERE e.organization_id = $1 AND e.epoch = $2 AND e.xid BETWEEN $5 AND $3 AND e.transaction = $5
       AND (e.xid, e.seq) < ($3, $4) AND e.type = 'account.deleted' AND e.before ->> 'customer_id' = $6::text
     RETURNING id)
   SELECT count(*)::int AS count FROM restored`,
);

/** Puts deleted rows back as the log has them, with their ids and times. On the primary, in the caller's transaction. */
@Injectable()
export class DeletionsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async find(organizationId: number, place: Place): Promise<LoggedDeletion | null> {
    return (await this.primary.query<LoggedDeletion>(FIND, at(organizationId, place)))[0] ?? null;
  }

  async beginRestoring(deletion: LoggedDeletion): Promise<void> {
    await this.primary.query(RESTORING, [deletion.occurredAt]);
  }

  async restoreCustomer(organizationId: number, place: Place): Promise<void> {
    await this.primary.write(organizationId, RESTORE_CUSTOMER, at(organizationId, place));
  }

  async restoreAccount(organizationId: number, place: Place): Promise<void> {
    await this.primary.write(organizationId, RESTORE_ACCOUNT, at(organizationId, place));
  }

  /** Those that went in the same transaction as their customer; answers how many. */
  async restoreAccountsOf(organizationId: number, place: Place, deletion: LoggedDeletion): Promise<number> {
    const values = [...at(organizationId, place), deletion.transaction, deletion.entityId];
    const [row] = await this.primary.write<{ count: number }>(organizationId, RESTORE_ACCOUNTS_OF, values);
    return row?.count ?? 0;
  }
}

function at(organizationId: number, { epoch, xid, seq }: Place): unknown[] {
  return [organizationId, epoch, xid.toString(), seq.toString()];
}
