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
import { CUSTOMER_JSON } from './customer.sql.js';

const FIND = new PointRead('customers', CUSTOMER_JSON);

export const CUSTOMER_LISTING = new Listing({
  table: 'customers',
  json: CUSTOMER_JSON,
  csv: `id, ${csvCell('name')}, ${csvCell('email')}, ${jsonTime('created_at')} AS created_at, ${jsonTime('updated_at')} AS updated_at`,
  sorts: {
    created_at: { column: 'created_at', type: 'timestamp' },
    name: { column: 'name', type: 'text' },
    email: { column: 'email', type: 'text' },
  },
  searched: ['name', 'email'],
});

/** Reads of customers: from the primary unless routed otherwise. Whole lists are streams of the primary. */
@Injectable()
export class CustomersQueries {
  constructor(
    private readonly router: ReadRouter,
    private readonly streams: RowStreams,
  ) {}

  /** The customer's JSON text; null when the organization has none with this id. */
  find(organizationId: number, id: number): Promise<string | null> {
    return this.router.read({ preference: 'primary' }, (session) => FIND.find(session, organizationId, id));
  }

  page(organizationId: number, request: PageRequest): Promise<Page> {
    return this.router.read({ preference: 'primary' }, (session) =>
      CUSTOMER_LISTING.page(session, organizationId, request),
    );
  }

  count(organizationId: number, filters: ListFilters): Promise<number> {
    return this.router.read({ preference: 'primary' }, (session) =>
      CUSTOMER_LISTING.count(session, organizationId, filters),
    );
  }

  stream(organizationId: number, request: ListRequest, form: 'json' | 'csv'): Promise<Readable> {
    const query = CUSTOMER_LISTING.wholeQuery(organizationId, request, form);
    return this.streams.open(query, form === 'csv' ? 'csv' : 'text');
  }
}
