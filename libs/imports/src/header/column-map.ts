import { DomainError, type FieldError } from '@app/errors';
import type { ImportEntity, ImportMode } from '../import-options.js';

/** Columns that mean something. */
export const FIELDS = ['id', 'name', 'email', 'customer_id', 'customer_email', 'status'] as const;
export type ImportField = (typeof FIELDS)[number];

/** Where in a record the cell of each field is; a field that the file does not have is missing. */
export type ColumnMap = Readonly<Partial<Record<ImportField, number>>>;

const KNOWN: Record<ImportEntity, readonly ImportField[]> = {
  customers: ['id', 'name', 'email'],
  accounts: ['id', 'customer_id', 'customer_email', 'name', 'status'],
};

/** Names are compared without their case and the spaces around them. */
const normalize = (name: string): string => name.trim().toLowerCase();

/**
 * Finds the columns of a file by the names in its first line, in any order. Names that mean nothing are ignored.
 *
 * @throws DomainError `validation_failed` with a field error for each column that is missing or there twice.
 */
export function mapColumns(header: readonly string[], entity: ImportEntity, mode: ImportMode): ColumnMap {
  const names = header.map(normalize);
  const known = KNOWN[entity];
  const map = Object.fromEntries(
    known.flatMap((field) => (names.includes(field) ? [[field, names.indexOf(field)]] : [])),
  );
  const faults = [
    ...known.filter((field) => names.indexOf(field) !== names.lastIndexOf(field)).map(duplicate),
    ...missing(map, entity, mode),
  ];
  if (faults.length > 0)
    throw refuseHeader(
      faults,
      header,
      names.some((name) => known.includes(name as ImportField)),
    );
  return map;
}

function missing(map: ColumnMap, entity: ImportEntity, mode: ImportMode): FieldError[] {
  const required: ImportField[] = entity === 'customers' ? ['name', 'email'] : ['name', 'status'];
  const faults = required.filter((field) => map[field] === undefined).map((field) => absent(field));
  if (entity === 'customers') return faults;
  const isByCustomer = map.customer_id !== undefined || map.customer_email !== undefined;
  if (map.customer_id !== undefined && map.customer_email !== undefined) {
    faults.push(
      fault('customer_email', 'ambiguous', 'Only one of the columns customer_id and customer_email may be there'),
    );
  }
  if (mode === 'upsert' && map.id === undefined) {
    faults.push(fault('id', 'missing', 'The column id is missing: accounts are matched by it'));
  }
  if (!isByCustomer && (mode === 'insert' || map.id === undefined)) {
    faults.push(fault('customer_id', 'missing', 'The column customer_id (or customer_email) is missing'));
  }
  return faults;
}

function refuseHeader(fields: FieldError[], header: readonly string[], isAnyKnown: boolean): DomainError {
  const isOtherDelimiter = !isAnyKnown && header.length === 1 && /[;\t|]/.test(header[0] ?? '');
  const hint = isOtherDelimiter ? '. Columns are separated by commas' : '';
  return new DomainError('validation_failed', fields.map(({ message }) => message).join('; ') + hint, { fields });
}

const fault = (field: string, code: string, message: string): FieldError => ({ field, code, message });
const absent = (field: string): FieldError => fault(field, 'missing', `The column ${field} is missing`);
const duplicate = (field: string): FieldError =>
  fault(field, 'duplicate', `The column ${field} is there more than once`);
