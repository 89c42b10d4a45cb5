import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { CUSTOMER_JSON } from './customer.sql.js';

export interface CustomerInput {
  name: string;
  email: string;
}

const INSERT = statement(
  'insert-customer',
  `INSERT INTO customers (organization_id, name, email) VALUES ($1, $2, $3) RETURNING ${CUSTOMER_JSON} AS json`,
);
const UPDATE = statement(
  'update-customer',
  `UPDATE customers SET name = $3, email = $4, updated_at = now() AT TIME ZONE 'UTC'
   WHERE id = $1::bigint AND organization_id = $2 RETURNING ${CUSTOMER_JSON} AS json`,
);
const DELETE = statement(
  'delete-customer',
  'DELETE FROM customers WHERE id = $1::bigint AND organization_id = $2 RETURNING id',
);

/** Writes of customers on the primary; answers are the row's JSON text, null where the organization has no such row. */
@Injectable()
export class CustomersRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async insert(organizationId: number, { name, email }: CustomerInput): Promise<string> {
    const rows = await this.primary.write<{ json: string }>(organizationId, INSERT, [organizationId, name, email]);
    return rows[0]?.json ?? '';
  }

  async update(organizationId: number, id: number, { name, email }: CustomerInput): Promise<string | null> {
    const rows = await this.primary.write<{ json: string }>(organizationId, UPDATE, [id, organizationId, name, email]);
    return rows[0]?.json ?? null;
  }

  /** Its accounts go with it. */
  async delete(organizationId: number, id: number): Promise<boolean> {
    return (await this.primary.write(organizationId, DELETE, [id, organizationId])).length > 0;
  }
}
