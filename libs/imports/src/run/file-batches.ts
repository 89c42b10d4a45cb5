import type { CsvRecord, FilePosition } from '../csv/record.js';
import { MAX_RECORD_BYTES, RecordReader } from '../csv/record-reader.js';
import { type AccountRow, type CustomerRow, parseAccount, parseCustomer } from '../rows/import-row.js';
import { type RejectedLine, rejectFlawed } from '../rows/rejected-line.js';
import type { ImportRows } from '../write/row-writer.service.js';
import { columnMapOf, type ImportFile } from './import-file.js';

/** Records that are written by one transaction. */
export interface FileBatch {
  /** How many it has: the good ones and the rejected ones. None where the file has nothing but empty lines for long. */
  records: number;
  good: ImportRows;
  rejected: RejectedLine[];
  /** Between two records: where to go on. */
  end: FilePosition;
}

export interface BatchLimits {
  /** Of one batch, which may be passed by one record. */
  records: number;
  /** Of the file, and of what the report tells on top of it. */
  bytes: number;
  /** The longest record that is read. */
  recordBytes: number;
}

/** Large enough that a commit costs little of a row's time, small enough that its locks are short. */
const LIMITS: BatchLimits = { records: 2_000, bytes: 1_048_576, recordBytes: MAX_RECORD_BYTES };

/** Reads a file in batches from a place between two records on, in memory that does not depend on its size. */
export async function* fileBatches(
  file: ImportFile,
  readChunk: (number: number) => Promise<Buffer>,
  from: FilePosition,
  limits = LIMITS,
): AsyncGenerator<FileBatch> {
  const reader = new RecordReader(from, { columns: file.columns.length, maxRecordBytes: limits.recordBytes });
  let batch = new BatchBuilder(file, from, limits);
  const isOver = (): boolean => reader.isBetweenRecords && batch.isFull(reader.place);
  for await (const bytes of bytesFrom(file, readChunk, from.offset)) {
    if (bytes === null) reader.end();
    else reader.push(bytes);
    for (const record of reader.take()) {
      batch.add(record);
      if (!isOver()) continue;
      yield batch.build(reader.place);
      batch = new BatchBuilder(file, reader.place, limits);
    }
    // Empty lines and the rest of a long one are no records, but progress.
    if (!isOver()) continue;
    yield batch.build(reader.place);
    batch = new BatchBuilder(file, reader.place, limits);
  }
  if (batch.records > 0) yield batch.build(reader.place);
}

/** The bytes from an offset on, with the next piece on its way while one is worked on; null at the end. */
async function* bytesFrom(
  { bytes, chunkBytes }: ImportFile,
  readChunk: (number: number) => Promise<Buffer>,
  offset: number,
): AsyncGenerator<Buffer | null> {
  const count = Math.ceil(bytes / chunkBytes);
  const first = Math.floor(offset / chunkBytes);
  let next = first < count ? readChunk(first) : undefined;
  for (let number = first; next !== undefined; number += 1) {
    const chunk: Buffer = await next;
    next = number + 1 < count ? readChunk(number + 1) : undefined;
    // It is awaited unless the reader stops before.
    next?.catch(() => undefined);
    yield number === first ? chunk.subarray(offset - first * chunkBytes) : chunk;
  }
  yield null;
}

class BatchBuilder {
  records = 0;
  private readonly customers: CustomerRow[] = [];
  private readonly accounts: AccountRow[] = [];
  private readonly rejected: RejectedLine[] = [];
  private readonly columns;
  /** What the report says beside the cells, whose bytes are the file's. */
  private reportBytes = 0;

  constructor(
    private readonly file: ImportFile,
    private readonly start: FilePosition,
    private readonly limits: BatchLimits,
  ) {
    this.columns = columnMapOf(file);
  }

  add(record: CsvRecord): void {
    this.records += 1;
    const { columns, entity, mode } = this.file;
    if (record.flaw !== null) {
      this.reject(rejectFlawed(record, record.flaw, columns.length));
    } else if (entity === 'customers') {
      const parsed = parseCustomer(record, this.columns, mode);
      if ('row' in parsed) this.customers.push(parsed.row);
      else this.reject(parsed.rejected);
    } else {
      const parsed = parseAccount(record, this.columns, mode);
      if ('row' in parsed) this.accounts.push(parsed.row);
      else this.reject(parsed.rejected);
    }
  }

  isFull({ offset }: FilePosition): boolean {
    const { records, bytes } = this.limits;
    return this.records >= records || offset - this.start.offset + this.reportBytes >= bytes;
  }

  build(end: FilePosition): FileBatch {
    const good: ImportRows =
      this.file.entity === 'customers'
        ? { entity: 'customers', rows: this.customers }
        : { entity: 'accounts', rows: this.accounts };
    return { records: this.records, good, rejected: this.rejected, end };
  }

  private reject(line: RejectedLine): void {
    this.rejected.push(line);
    // A comma for each column, also of those that the line does not have.
    this.reportBytes += line.message.length + this.file.columns.length;
  }
}
