import type { FieldError } from '@app/errors';
import type { CsvRecord, RecordFlaw } from '../csv/record.js';

/** A record that does not land, and why. `field` is a column's name, empty where the record as a whole is wrong. */
export interface RejectedLine extends FieldError {
  line: number;
  /** Its cells as they stand in the file. */
  cells: readonly string[];
}

const FLAWS: Record<Exclude<RecordFlaw, 'column_count'>, string> = {
  quote_misplaced:
    'A quote stands in the wrong place: a cell that holds quotes is put in quotes itself, and its own are doubled',
  quote_unclosed: 'A quote is opened on this line and never closed',
  line_too_long: 'The line is longer than 1 MiB',
  invalid_utf8: 'The line is not valid UTF-8',
  nul_character: 'The line holds a NUL character',
};

/** What is told of a record that can't be read. */
export function rejectFlawed({ line, cells }: CsvRecord, flaw: RecordFlaw, columns: number): RejectedLine {
  const message = flaw === 'column_count' ? countMessage(cells.length, columns) : FLAWS[flaw];
  return { line, cells, field: '', code: flaw, message };
}

/** @param faults at least one; the first names the field, the messages of all are told. */
export function rejectFaults({ line, cells }: CsvRecord, faults: readonly FieldError[]): RejectedLine {
  const [{ field, code } = { field: '', code: 'invalid' }] = faults;
  return { line, cells, field, code, message: faults.map(({ message }) => message).join('; ') };
}

function countMessage(found: number, columns: number): string {
  const cells = found === 1 ? '1 cell' : `${found} cells`;
  return `The header names ${columns} columns, the record that begins on this line has not as many (its first line: ${cells})`;
}
