import { DomainError } from '@app/errors';
import { type CsvRecord, type FilePosition, type RecordFlaw } from '../csv/record.js';
import { RecordReader } from '../csv/record-reader.js';

/** The longest first line, in bytes. */
export const MAX_HEADER_BYTES = 65_536;

export interface FileHeader {
  /** As they stand in the file. */
  names: string[];
  /** Where the first record begins. */
  end: FilePosition;
}

const FLAWS: Partial<Record<RecordFlaw, string>> = {
  nul_character: 'The first line holds a NUL character: the file must be text in UTF-8',
  invalid_utf8: 'The first line is not valid UTF-8: save the file as CSV in UTF-8',
  line_too_long: `The first line, which names the columns, is longer than ${MAX_HEADER_BYTES} bytes`,
};

/**
 * Reads the first line of a file, which names its columns.
 *
 * @param isEnd whether these bytes are the whole file.
 * @returns null when more bytes are needed.
 * @throws DomainError `validation_failed` for what can't be the beginning of a CSV file in UTF-8.
 */
export function readHeader(bytes: Buffer, isEnd: boolean): FileHeader | null {
  const reader = new RecordReader({ offset: 0, line: 1 }, { maxRecordBytes: MAX_HEADER_BYTES });
  reader.push(bytes);
  if (isEnd) reader.end();
  const [record] = firstOf(reader.take());
  if (record === undefined)
    return isEnd ? refuse('empty', 'The file is empty: its first line must name the columns') : null;
  if (record.flaw !== null) {
    refuse(record.flaw, FLAWS[record.flaw] ?? 'The first line, which names the columns, has a broken quote');
  }
  return { names: record.cells, end: reader.place };
}

/** The first of them, with the reader standing right behind it. */
function firstOf(records: Generator<CsvRecord>): CsvRecord[] {
  const { value, done } = records.next();
  return done === true ? [] : [value as CsvRecord];
}

function refuse(code: string, message: string): never {
  throw new DomainError('validation_failed', message, { fields: [{ field: 'file', code, message }] });
}
