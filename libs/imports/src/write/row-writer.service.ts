import { PrimaryDatabase } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { ImportMode } from '../import-options.js';
import type { AccountRow, CustomerRow } from '../rows/import-row.js';
import { CustomersTrial, emailKey, idKey } from '../trial/customers-trial.js';
import { CustomersTrialRepository } from '../trial/customers-trial.repository.js';
import { AccountsWriteRepository } from './accounts.repository.js';
import { ALLOW_TIME } from './allow-time.js';
import { CustomersWriteRepository } from './customers.repository.js';
import { emptyOutcome, type WriteOutcome } from './write-outcome.js';

export type ImportRows = { entity: 'customers'; rows: CustomerRow[] } | { entity: 'accounts'; rows: AccountRow[] };

/** Which file the rows are of, and what is to be done with them. */
export interface WriteOrder {
  importId: string;
  organizationId: number;
  mode: ImportMode;
}

/** Does to the database what a batch of good rows says, or finds out what that would be. In a transaction of the caller's. */
@Injectable()
export class RowWriter {
  constructor(
    private readonly primary: PrimaryDatabase,
    private readonly customers: CustomersWriteRepository,
    private readonly accounts: AccountsWriteRepository,
    private readonly trials: CustomersTrialRepository,
  ) {}

  async write({ organizationId, mode }: WriteOrder, batch: ImportRows): Promise<WriteOutcome> {
    if (batch.rows.length === 0) return emptyOutcome();
    await this.primary.query(ALLOW_TIME);
    return batch.entity === 'customers'
      ? this.customers.write(organizationId, batch.rows, mode)
      : this.accounts.write(organizationId, batch.rows);
  }

  /** What `write` would answer for the same rows after those that were tried before. */
  async try(order: WriteOrder, batch: ImportRows): Promise<WriteOutcome> {
    if (batch.rows.length === 0) return emptyOutcome();
    await this.primary.query(ALLOW_TIME);
    return batch.entity === 'customers'
      ? this.tryCustomers(order, batch.rows)
      : this.accounts.try(order.organizationId, batch.rows);
  }

  private async tryCustomers({ importId, organizationId, mode }: WriteOrder, rows: readonly CustomerRow[]) {
    const emails = [...new Set(rows.map(({ email }) => email))];
    const ids = [...new Set(rows.flatMap(({ id }) => (id === null ? [] : [id])))];
    const byEmail = await this.trials.findByEmail(organizationId, emails);
    const byId = ids.length === 0 ? [] : await this.trials.findById(organizationId, ids);
    const earlier = await this.trials.notes(importId, [...emails.map(emailKey), ...ids.map(idKey)]);
    const trial = new CustomersTrial([...byEmail, ...byId], earlier);
    const outcome = trial.run(rows, mode);
    await this.trials.note(importId, trial.changes);
    return outcome;
  }
}
