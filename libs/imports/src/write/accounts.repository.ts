import { ACCOUNT_STATUSES } from '@app/accounts';
import { PrimaryDatabase, type Statement, statement } from '@app/database';
import type { FieldError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { type AccountRow, statusMessage } from '../rows/import-row.js';
import { guardedWrite } from './guarded-write.js';
import { runsOf } from './runs-of-rows.js';
import { addOutcome, emptyOutcome, REASONS, rejectRow, type WriteOutcome } from './write-outcome.js';

/**
 * The customer that each row names. A lateral read with a limit: joined plainly, a batch of a few thousand rows may make the planner
 * read all customers.
 */
const NAMED = `unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
    WITH ORDINALITY AS r (customer_id, customer_email, name, status, id, place)
  LEFT JOIN LATERAL (
    SELECT c.id FROM customers c WHERE c.organization_id = $1 AND c.id = r.customer_id
    UNION ALL
    SELECT c.id FROM customers c
    WHERE c.organization_id = $1 AND c.email = r.customer_email AND r.customer_id IS NULL
    LIMIT 1
  ) AS named ON true`;

const FOUND = `WITH found AS MATERIALIZED (SELECT r.*, named.id AS owner FROM ${NAMED})`;
const WITHOUT_OWNER = 'SELECT place::int FROM found WHERE owner IS NULL ORDER BY place';
/** Both answer the places of the rows whose customer there is not; the first inserts all others. */
const INSERT = statement(
  'imports.insert-accounts',
  `${FOUND}, inserted AS (
     INSERT INTO accounts (organization_id, customer_id, name, status)
     SELECT $1, owner, name, status FROM found WHERE owner IS NOT NULL ORDER BY place)
   ${WITHOUT_OWNER}`,
);
const TRY_INSERT = statement('imports.try-insert-accounts', `${FOUND} ${WITHOUT_OWNER}`);

const JUDGED = `WITH found AS MATERIALIZED (
     SELECT r.*, named.id AS owner, known.id IS NOT NULL AS is_known, known.customer_id AS present_owner,
       known.status IS NOT DISTINCT FROM r.status OR r.status = ANY ('{${ACCOUNT_STATUSES.join(',')}}'::text[]) AS may_have,
       r.customer_id IS NOT NULL OR r.customer_email IS NOT NULL AS is_named
     FROM ${NAMED}
     LEFT JOIN LATERAL (
       SELECT a.id, a.customer_id, a.status FROM accounts a WHERE a.organization_id = $1 AND a.id = r.id LIMIT 1
     ) AS known ON true),
   judged AS MATERIALIZED (
     SELECT found.*, CASE WHEN NOT is_known THEN 'unknown' WHEN is_named AND owner IS NULL THEN 'customer'
       WHEN is_named AND owner IS DISTINCT FROM present_owner THEN 'other' WHEN NOT may_have THEN 'status' END AS fault
     FROM found)`;
const FAULTY = 'SELECT place::int, fault FROM judged WHERE fault IS NOT NULL ORDER BY place';
/** Both answer what stands against which row; the first writes all others, unless they are the same already. */
const UPDATE = statement(
  'imports.update-accounts',
  `${JUDGED}, updated AS (
     UPDATE accounts AS a SET name = j.name, status = j.status, updated_at = now() AT TIME ZONE 'UTC'
     FROM judged j WHERE j.fault IS NULL AND a.organization_id = $1 AND a.id = j.id
       AND (a.name IS DISTINCT FROM j.name OR a.status IS DISTINCT FROM j.status))
   ${FAULTY}`,
);
const TRY_UPDATE = statement('imports.try-update-accounts', `${JUDGED} ${FAULTY}`);

type Fault = 'unknown' | 'customer' | 'other' | 'status';

/** Writes rows of a file into `accounts`, as if each were written after the one before. In a transaction of the caller's. */
@Injectable()
export class AccountsWriteRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  write(organizationId: number, rows: readonly AccountRow[]): Promise<WriteOutcome> {
    return this.inRuns(rows, (run) =>
      guardedWrite(this.primary, run, (some) =>
        some[0]?.id === null ? this.insert(organizationId, some, INSERT) : this.update(organizationId, some, UPDATE),
      ),
    );
  }

  /** What `write` would answer; changes nothing. */
  try(organizationId: number, rows: readonly AccountRow[]): Promise<WriteOutcome> {
    return this.inRuns(rows, (run) =>
      run[0]?.id === null ? this.insert(organizationId, run, TRY_INSERT) : this.update(organizationId, run, TRY_UPDATE),
    );
  }

  private async inRuns(
    rows: readonly AccountRow[],
    work: (run: readonly AccountRow[]) => Promise<WriteOutcome>,
  ): Promise<WriteOutcome> {
    let outcome = emptyOutcome();
    const runs = runsOf(rows, kindOf, ({ id }) => (id === null ? [] : [String(id)]));
    for (const run of runs) outcome = addOutcome(outcome, await work(run));
    return outcome;
  }

  private async insert(organizationId: number, rows: readonly AccountRow[], sql: Statement): Promise<WriteOutcome> {
    const values = [organizationId, ...columnsOf(rows)];
    const unknown = await this.primary.write<{ place: number }>(organizationId, sql, values);
    const rejected = rejects(rows, unknown, unknownCustomer);
    return { inserted: rows.length - rejected.length, updated: 0, rejected };
  }

  private async update(organizationId: number, rows: readonly AccountRow[], sql: Statement): Promise<WriteOutcome> {
    const values = [organizationId, ...columnsOf(rows)];
    const faulty = await this.primary.write<{ place: number; fault: Fault }>(organizationId, sql, values);
    const rejected = rejects(rows, faulty, reasonOf);
    return { inserted: 0, updated: rows.length - rejected.length, rejected };
  }
}

const kindOf = ({ id }: AccountRow): string => (id === null ? 'new' : 'by id');

function columnsOf(rows: readonly AccountRow[]): unknown[][] {
  return [
    rows.map(({ customerId }) => customerId),
    rows.map(({ customerEmail }) => customerEmail),
    rows.map(({ name }) => name),
    rows.map(({ status }) => status),
    rows.map(({ id }) => id),
  ];
}

function rejects<Found extends { place: number }>(
  rows: readonly AccountRow[],
  found: readonly Found[],
  reason: (row: AccountRow, found: Found) => FieldError,
) {
  return found.flatMap((fault) => {
    const row = rows[fault.place - 1];
    return row === undefined ? [] : [rejectRow(row, reason(row, fault))];
  });
}

function unknownCustomer({ customerId }: AccountRow): FieldError {
  return customerId === null ? REASONS.customerEmailUnknown : REASONS.customerIdUnknown;
}

function reasonOf(row: AccountRow, { fault }: { fault: Fault }): FieldError {
  if (fault === 'unknown') return REASONS.accountNotFound;
  if (fault === 'customer') return unknownCustomer(row);
  if (fault === 'other')
    return { ...REASONS.otherCustomer, field: row.customerId === null ? 'customer_email' : 'customer_id' };
  return { field: 'status', code: 'in', message: statusMessage() };
}
