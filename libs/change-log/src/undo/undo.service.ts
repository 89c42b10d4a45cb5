import { isForeignKeyViolation, isUniqueViolation, TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { decodeEventCursor, type Place } from '../event-cursor.js';
import { DeletionsRepository, type LoggedDeletion } from './deletions.repository.js';

/** What came back. */
export interface Restored {
  entity: 'customer' | 'account';
  id: number;
  customers: number;
  accounts: number;
}

const EMAIL_KEY = 'customers_organization_email_key';

/** Takes deletions of customers and accounts back. */
@Injectable()
export class UndoService {
  constructor(
    private readonly transactions: TransactionRunner,
    private readonly deletions: DeletionsRepository,
  ) {}

  /**
   * Restores what an event says was deleted, under its id and with its times; with a customer the accounts that went in the
   * same transaction. All of it or nothing.
   *
   * @throws DomainError `invalid_cursor`, `event_not_found`, `event_not_undoable` (no deletion of a customer or account),
   * `email_taken`, `undo_conflict` (it is there again), `customer_gone` (an account whose customer is not there).
   */
  async undo(organizationId: number, cursor: string): Promise<Restored> {
    const place = decodeEventCursor(cursor);
    return this.transactions
      .run(async () => {
        const deletion = await this.deletions.find(organizationId, place);
        if (deletion === null) throw new DomainError('event_not_found', 'Event not found');
        await this.deletions.beginRestoring(deletion);
        return this.restore(organizationId, place, deletion);
      })
      .catch(refuse);
  }

  private async restore(organizationId: number, place: Place, deletion: LoggedDeletion): Promise<Restored> {
    const id = Number(deletion.entityId);
    if (deletion.moved) throw notUndoable();
    if (deletion.type === 'account.deleted') {
      await this.deletions.restoreAccount(organizationId, place);
      return { entity: 'account', id, customers: 0, accounts: 1 };
    }
    if (deletion.type !== 'customer.deleted') {
      throw notUndoable();
    }
    await this.deletions.restoreCustomer(organizationId, place);
    const accounts = await this.deletions.restoreAccountsOf(organizationId, place, deletion);
    return { entity: 'customer', id, customers: 1, accounts };
  }
}

function notUndoable(): DomainError {
  return new DomainError('event_not_undoable', 'Only deletions of customers and accounts can be undone');
}

function refuse(error: unknown): never {
  if (isForeignKeyViolation(error) && error.constraint?.includes('customer')) {
    throw new DomainError('customer_gone', 'The customer of the account is not there any more', { cause: error });
  }
  if (isUniqueViolation(error) && error.constraint === EMAIL_KEY) {
    const message = 'Email already exists';
    throw new DomainError('email_taken', message, { cause: error, fields: [] });
  }
  if (isUniqueViolation(error)) {
    throw new DomainError('undo_conflict', 'What was deleted is there again', { cause: error });
  }
  throw error;
}
