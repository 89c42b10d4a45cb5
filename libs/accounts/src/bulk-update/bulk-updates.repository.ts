import { PrimaryDatabase } from '@app/database';
import { Injectable } from '@nestjs/common';
import { ACCOUNT_LISTING } from '../accounts.queries.js';
import type { AccountSelection } from './account-selection.js';

/** What one step of a bulk update did; `last` is null when no account was left. */
export interface BulkUpdateBatch {
  matched: number;
  updated: number;
  last: number | null;
}

/** Changes many accounts at once, on the primary. */
@Injectable()
export class BulkUpdatesRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Gives the status to the first accounts of the selection behind an id, in the order of their ids, up to `limit`. */
  async updateNext(
    organizationId: number,
    status: string,
    selection: AccountSelection,
    after: number,
    limit: number,
  ): Promise<BulkUpdateBatch> {
    const values: unknown[] = [];
    const bind = (value: unknown, type: string): string => `$${values.push(value)}::${type}`;
    const { ids, filters = {} } = selection;
    const conditions = [ACCOUNT_LISTING.where(organizationId, filters, bind), `id > ${bind(after, 'bigint')}`];
    if (ids !== undefined) conditions.push(`id = ANY (${bind(ids, 'bigint[]')})`);
    const to = bind(status, 'text');
    const [batch] = await this.primary.write<BulkUpdateBatch>(
      organizationId,
      `WITH batch AS (
         SELECT id FROM accounts WHERE ${conditions.join(' AND ')} ORDER BY id LIMIT ${bind(limit, 'int')} FOR UPDATE
       ), changed AS (
         UPDATE accounts SET status = ${to}, updated_at = now() AT TIME ZONE 'UTC' FROM batch
         WHERE accounts.id = batch.id AND accounts.organization_id = ${bind(organizationId, 'int')}
           AND accounts.status <> ${to}
         RETURNING 1
       )
       SELECT (SELECT count(*)::int FROM batch) AS matched, (SELECT max(id) FROM batch) AS last,
         (SELECT count(*)::int FROM changed) AS updated`,
      values,
    );
    return batch ?? { matched: 0, updated: 0, last: null };
  }

  /** The highest id that the organization's accounts have; 0 where there are none. */
  async lastId(organizationId: number): Promise<number> {
    const text = 'SELECT coalesce(max(id), 0) AS id FROM accounts WHERE organization_id = $1';
    return (await this.primary.query<{ id: number }>(text, [organizationId]))[0]?.id ?? 0;
  }
}
