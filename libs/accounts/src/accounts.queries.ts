import type { Readable } from 'node:stream';
import {
  csvCell,
  jsonTime,
  type ListFilters,
  Listing,
  type ListRequest,
  type Page,
  type PageRequest,
  PointRead,
  ReadRouter,
  RowStreams,
} from '@app/database';
import { Injectable } from '@nestjs/common';
import { ACCOUNT_JSON } from './account.sql.js';

const FIND = new PointRead('accounts', ACCOUNT_JSON);

export const ACCOUNT_LISTING = new Listing({
  table: 'accounts',
  json: ACCOUNT_JSON,
  csv: `id, customer_id, ${csvCell('name')}, ${csvCell('status')}, ${jsonTime('created_at')} AS created_at, ${jsonTime('updated_at')} AS updated_at`,
  sorts: {
    created_at: { column: 'created_at', type: 'timestamp' },
    name: { column: 'name', type: 'text' },
  },
  searched: ['name'],
});

/** Reads of accounts: from the primary unless routed otherwise. Whole lists are streams of the primary. */
@Injectable()
export class AccountsQueries {
  constructor(
    private readonly router: ReadRouter,
    private readonly streams: RowStreams,
  ) {}

  /** The account's JSON text; null when the organization has none with this id. */
  find(organizationId: number, id: number): Promise<string | null> {
    return this.router.read({ preference: 'primary' }, (session) => FIND.find(session, organizationId, id));
  }

  page(organizationId: number, request: PageRequest): Promise<Page> {
    return this.router.read({ preference: 'primary' }, (session) =>
      ACCOUNT_LISTING.page(session, organizationId, request),
    );
  }

  count(organizationId: number, filters: ListFilters): Promise<number> {
    return this.router.read({ preference: 'primary' }, (session) =>
      ACCOUNT_LISTING.count(session, organizationId, filters),
    );
  }

  stream(organizationId: number, request: ListRequest, form: 'json' | 'csv'): Promise<Readable> {
    const query = ACCOUNT_LISTING.wholeQuery(organizationId, request, form);
    return this.streams.open(query, form === 'csv' ? 'csv' : 'text');
  }
}
