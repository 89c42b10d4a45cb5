import type { CsvRecord, FilePosition } from '../csv/record.js';
import { RecordReader } from '../csv/record-reader.js';
import { type AccountRow, type CustomerRow, parseAccount, parseCustomer } from '../rows/import-row.js';
import { type RejectedLine, rejectFlawed } from '../rows/rejected-line.js';
import type { ImportRows } from '../write/row-writer.service.js';
import { columnMapOf, type ImportFile } from './import-file.js';

/** Records that are written by one transaction. */
export interface FileBatch {
  /** How many it has: the good ones and the rejected ones. */
  records: number;
  good: ImportRows;
  rejected: RejectedLine[];
  /** Behind its last record. */
  end: FilePosition;
}

/** Large enough that a commit costs little of a row's time, small enough that its locks are short. */
const BATCH_RECORDS = 2_000;
const BATCH_BYTES = 1_048_576;

/** Reads a file in batches from a place between two records on, in memory that does not depend on its size. */
export async function* fileBatches(
  file: ImportFile,
  readChunk: (number: number) => Promise<Buffer>,
  from: FilePosition,
): AsyncGenerator<FileBatch> {
  const reader = new RecordReader(from, { columns: file.columns.length });
  let batch = new BatchBuilder(file, from);
  for await (const bytes of bytesFrom(file, readChunk, from.offset)) {
    if (bytes === null) reader.end();
    else reader.push(bytes);
    for (const record of reader.take()) {
      batch.add(record);
      if (!batch.isFull(reader.place)) continue;
      yield batch.build(reader.place);
      batch = new BatchBuilder(file, reader.place);
    }
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

  constructor(
    private readonly file: ImportFile,
    private readonly start: FilePosition,
  ) {
    this.columns = columnMapOf(file);
  }

  add(record: CsvRecord): void {
    this.records += 1;
    const { columns, entity, mode } = this.file;
    if (record.flaw !== null) {
      this.rejected.push(rejectFlawed(record, record.flaw, columns.length));
    } else if (entity === 'customers') {
      const parsed = parseCustomer(record, this.columns, mode);
      if ('row' in parsed) this.customers.push(parsed.row);
      else this.rejected.push(parsed.rejected);
    } else {
      const parsed = parseAccount(record, this.columns, mode);
      if ('row' in parsed) this.accounts.push(parsed.row);
      else this.rejected.push(parsed.rejected);
    }
  }

  isFull({ offset }: FilePosition): boolean {
    return this.records >= BATCH_RECORDS || offset - this.start.offset >= BATCH_BYTES;
  }

  build(end: FilePosition): FileBatch {
    const good: ImportRows =
      this.file.entity === 'customers'
        ? { entity: 'customers', rows: this.customers }
        : { entity: 'accounts', rows: this.accounts };
    return { records: this.records, good, rejected: this.rejected, end };
  }
}
