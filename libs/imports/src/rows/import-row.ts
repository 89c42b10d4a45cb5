import { ACCOUNT_STATUSES, isAccountStatus } from '@app/accounts';
import { charactersFault, emailFault, MAX_CHARACTERS } from '@app/customers';
import type { FieldError } from '@app/errors';
import type { CsvRecord } from '../csv/record.js';
import type { ColumnMap, ImportField } from '../header/column-map.js';
import type { ImportMode } from '../import-options.js';
import { type RejectedLine, rejectFaults } from './rejected-line.js';

interface Row {
  line: number;
  cells: readonly string[];
  /** Of the row to be changed; null where it is to be found otherwise, or inserted. */
  id: number | null;
  name: string;
}

export interface CustomerRow extends Row {
  email: string;
}

export interface AccountRow extends Row {
  /** One of the two; both null where an account is changed and the file names no customer. */
  customerId: number | null;
  customerEmail: string | null;
  status: string;
}

export type Parsed<Of extends Row> = { row: Of } | { rejected: RejectedLine };

const MAX_ADOPTED_STATUS = 50;
const INTEGER = /^[+-]?\d{1,16}$/;

/** Checks one record by the rules of POST /api/customers, plus an id in upserts. */
export function parseCustomer(record: CsvRecord, columns: ColumnMap, mode: ImportMode): Parsed<CustomerRow> {
  const { line, cells } = record;
  const checks = new Checks(record, columns);
  const id = mode === 'upsert' ? checks.integer('id') : null;
  const name = checks.text('name', (value) => charactersFault('name', value, 1, MAX_CHARACTERS), 'length');
  const email = checks.text('email', (value) => emailFault('email', value), 'email');
  return checks.finish({ line, cells, id, name, email });
}

/**
 * Checks one record by the rules of POST /api/accounts; with the id of an account that is to be changed, by those of PUT: then the
 * status may also be the one that the account has, which the database knows.
 */
export function parseAccount(record: CsvRecord, columns: ColumnMap, mode: ImportMode): Parsed<AccountRow> {
  const { line, cells } = record;
  const checks = new Checks(record, columns);
  const id = mode === 'upsert' ? checks.integer('id') : null;
  const customerId = checks.integer('customer_id');
  const customerEmail = columns.customer_email === undefined ? null : cells[columns.customer_email] || null;
  if (id === null && customerId === null && customerEmail === null && checks.isFine('customer_id')) {
    checks.refuse(columns.customer_email === undefined ? 'customer_id' : 'customer_email', 'length', 'is required');
  }
  const name = checks.text('name', (value) => charactersFault('name', value, 1, MAX_CHARACTERS), 'length');
  const status = checks.text('status', (value) => statusFault(value, id !== null), 'in');
  return checks.finish({ line, cells, id, customerId, customerEmail, name, status });
}

export function statusMessage(): string {
  return `status must be one of ${ACCOUNT_STATUSES.join(', ')}`;
}

function statusFault(value: string, mayBeAdopted: boolean): string | null {
  if (isAccountStatus(value)) return null;
  return mayBeAdopted && charactersFault('status', value, 1, MAX_ADOPTED_STATUS) === null ? null : statusMessage();
}

class Checks {
  private readonly faults: FieldError[] = [];

  constructor(
    private readonly record: CsvRecord,
    private readonly columns: ColumnMap,
  ) {}

  text(field: ImportField, faultOf: (value: string) => string | null, code: string): string {
    const value = this.cell(field);
    const message = faultOf(value);
    if (message !== null) this.faults.push({ field, code, message });
    return value;
  }

  /** Null where the cell is empty or the file has no such column. */
  integer(field: ImportField): number | null {
    const text = this.cell(field).trim();
    if (text === '') return null;
    const value = INTEGER.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    this.refuse(field, 'int', 'must be an integer');
    return null;
  }

  refuse(field: ImportField, code: string, what: string): void {
    this.faults.push({ field, code, message: `${field} ${what}` });
  }

  isFine(field: ImportField): boolean {
    return !this.faults.some((fault) => fault.field === field);
  }

  finish<Of extends Row>(row: Of): Parsed<Of> {
    return this.faults.length === 0 ? { row } : { rejected: rejectFaults(this.record, this.faults) };
  }

  private cell(field: ImportField): string {
    const index = this.columns[field];
    return index === undefined ? '' : (this.record.cells[index] ?? '');
  }
}
