import { DomainError } from '@app/errors';
import { type CsvRecord, type FilePosition, type RecordFlaw } from '../csv/record.js';
import { RecordReader } from '../csv/record-reader.js';

/** Where the first line must have ended, in bytes, with the empty lines before it. */
export const MAX_HEADER_BYTES = 65_536;
/** The report shows all of them of each rejected line, however short that is. */
export const MAX_COLUMNS = 500;

export interface FileHeader {
  /** As they stand in the file. */
  names: string[];
  /** Where the first record begins. */
  end: FilePosition;
}

const TOO_LONG = `The first line, which names the columns, does not end within ${MAX_HEADER_BYTES} bytes`;
const FLAWS: Partial<Record<RecordFlaw, string>> = {
  nul_character: 'The first line holds a NUL character: the file must be text in UTF-8',
  invalid_utf8: 'The first line is not valid UTF-8: save the file as CSV in UTF-8',
  line_too_long: TOO_LONG,
};

/** Reads the first line of a file, which names its columns, from bytes as they come; each of them is looked at once. */
export class HeaderReader {
  private readonly reader = new RecordReader({ offset: 0, line: 1 }, { maxRecordBytes: MAX_HEADER_BYTES });
  private bytes = 0;

  /**
   * @param bytes the next ones of the file.
   * @returns null when more are needed.
   * @throws DomainError `validation_failed` for what can't be the beginning of a CSV file in UTF-8.
   */
  read(bytes: Buffer): FileHeader | null {
    this.reader.push(bytes);
    this.bytes += bytes.length;
    const header = this.next();
    if (header === null && this.bytes > MAX_HEADER_BYTES) refuse('line_too_long', TOO_LONG);
    return header;
  }

  /** To be called when the file is over and its header not yet known. @throws DomainError as `read` does, and for an empty file. */
  end(): FileHeader {
    this.reader.end();
    return this.next() ?? refuse('empty', 'The file is empty: its first line must name the columns');
  }

  private next(): FileHeader | null {
    const [record] = firstOf(this.reader.take());
    if (record === undefined) return null;
    const { cells: names, flaw } = record;
    if (flaw !== null) refuse(flaw, FLAWS[flaw] ?? 'The first line, which names the columns, has a broken quote');
    if (this.reader.place.offset > MAX_HEADER_BYTES) refuse('line_too_long', TOO_LONG);
    if (names.length > MAX_COLUMNS) {
      refuse('too_many_columns', `The first line names ${names.length} columns, at most ${MAX_COLUMNS} may be there`);
    }
    return { names, end: this.reader.place };
  }
}

/** The first of them, with the reader standing right behind it. */
function firstOf(records: Generator<CsvRecord>): CsvRecord[] {
  const { value, done } = records.next();
  return done === true ? [] : [value as CsvRecord];
}

function refuse(code: string, message: string): never {
  throw new DomainError('validation_failed', message, { fields: [{ field: 'file', code, message }] });
}
