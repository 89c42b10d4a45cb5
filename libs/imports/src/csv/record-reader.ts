import { isUtf8 } from 'node:buffer';
import { type CsvRecord, type FilePosition, type RecordFlaw, SHOWN_CHARACTERS, shown } from './record.js';
import { scanRecord } from './scan-record.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** The longest record, in bytes, with all its lines. Nothing that we keep of one comes near. */
export const MAX_RECORD_BYTES = 1_048_576;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** A character has four bytes at most. */
const SHOWN_BYTES = (SHOWN_CHARACTERS + 1) * 4;

export interface ReaderOptions {
  /** How many cells a record must have; any number without it, for the header. */
  columns?: number;
  maxRecordBytes?: number;
}

/**
 * Splits the bytes of a CSV file into records, in memory that depends on the longest record allowed and not on the file. It never
 * gives up: what is broken is a record with a flaw.
 *
 * A broken quote costs the line that it stands on and no other. Where a record turns out to be broken (a quote in the wrong place, one that
 * is never closed or not within `MAX_RECORD_BYTES`, or several lines that together have the wrong number of cells), its first line alone is
 * refused, and the next line is read as the beginning of a record. So a quote that somebody forgot to close does not swallow the good
 * lines after it; the later lines of a broken record may come up as broken records of their own.
 */
export class RecordReader {
  private data: Buffer = Buffer.alloc(0);
  private at = 0;
  private isEnd = false;
  /** Where the next quote of `data` is; -1 if there is none. */
  private quote = -1;
  /** Inside a line that is too long: what comes is skipped until its end. */
  private isInLongLine = false;
  private readonly position: FilePosition;
  private readonly columns: number | undefined;
  private readonly maxBytes: number;

  constructor(start: FilePosition, { columns, maxRecordBytes }: ReaderOptions = {}) {
    this.position = { ...start };
    this.columns = columns;
    this.maxBytes = maxRecordBytes ?? MAX_RECORD_BYTES;
  }

  /** Behind the last record that was taken. */
  get place(): FilePosition {
    return { ...this.position };
  }

  /** Whether a record may begin at `place`, so that reading can go on from there: not within a long line that is being skipped. */
  get isBetweenRecords(): boolean {
    return !this.isInLongLine;
  }

  /** The next bytes of the file. Take all records before the next ones are given. */
  push(bytes: Buffer): void {
    this.data = this.at === this.data.length ? bytes : Buffer.concat([this.data.subarray(this.at), bytes]);
    this.at = 0;
    this.quote = this.data.indexOf(QUOTE);
  }

  end(): void {
    this.isEnd = true;
  }

  /** The records that are complete so far. Empty lines are none. */
  *take(): Generator<CsvRecord> {
    this.skipByteOrderMark();
    for (;;) {
      if (this.isInLongLine && !this.skipLongLine()) return;
      this.skipEmptyLines();
      if (this.at === this.data.length) return;
      const record = this.next();
      if (record === 'more') return;
      if (record !== 'empty') yield record;
    }
  }

  private next(): CsvRecord | 'more' | 'empty' {
    const { line } = this.position;
    if (this.quote !== -1 && this.quote < this.at) this.quote = this.data.indexOf(QUOTE, this.at);
    const scan = scanRecord(this.data, this.at, this.quote, this.isEnd);
    if (scan.kind === 'broken') return this.refuseLine(scan.flaw);
    const length = (scan.kind === 'more' ? this.data.length : scan.end) - this.at;
    if (scan.kind === 'more' || length > this.maxBytes) return length > this.maxBytes ? this.refuseLong() : 'more';
    const bytes = this.data.subarray(this.at, scan.end);
    const { cells } = scan;
    const lines = countLineEnds(bytes);
    if (cells.length === 1 && cells[0] === '' && bytes[0] !== QUOTE) return this.pass(bytes, lines, 'empty');
    if (this.columns !== undefined && cells.length !== this.columns) {
      return lines <= 1
        ? this.pass(bytes, lines, { line, cells: cells.map(shown), flaw: 'column_count' })
        : this.refuseLine('column_count');
    }
    const flaw = flawOfText(cells, bytes);
    return this.pass(bytes, lines, { line, cells: flaw === null ? cells : cells.map(shown), flaw });
  }

  private pass<T>(bytes: Buffer, lines: number, result: T): T {
    this.at += bytes.length;
    this.position.offset += bytes.length;
    this.position.line += lines;
    return result;
  }

  /** The first line of what is broken is a record by itself. */
  private refuseLine(flaw: RecordFlaw): CsvRecord | 'more' {
    const { line } = this.position;
    const lineEnd = this.data.indexOf(LF, this.at);
    const end = lineEnd === -1 ? this.data.length : lineEnd + 1;
    if (lineEnd === -1 && !this.isEnd) return this.data.length - this.at > this.maxBytes ? this.refuseLong() : 'more';
    if (end - this.at > this.maxBytes) return this.refuseLong();
    return this.pass(this.data.subarray(this.at, end), lineEnd === -1 ? 0 : 1, {
      line,
      cells: [shownBytes(this.data.subarray(this.at, end))],
      flaw,
    });
  }

  /** Longer than allowed: because of a quote that was opened on a line of usual length, or because the line itself is. */
  private refuseLong(): CsvRecord | 'more' {
    const lineEnd = this.data.indexOf(LF, this.at);
    if (lineEnd !== -1 && lineEnd - this.at < this.maxBytes) return this.refuseLine('quote_unclosed');
    const { line } = this.position;
    const head = shownBytes(this.data.subarray(this.at, this.at + SHOWN_BYTES));
    this.isInLongLine = true;
    this.skipLongLine();
    return { line, cells: [head], flaw: 'line_too_long' };
  }

  /** Whether the end of the line has come. */
  private skipLongLine(): boolean {
    const lineEnd = this.data.indexOf(LF, this.at);
    const end = lineEnd === -1 ? this.data.length : lineEnd + 1;
    this.pass(this.data.subarray(this.at, end), lineEnd === -1 ? 0 : 1, undefined);
    if (lineEnd === -1) return false;
    this.isInLongLine = false;
    return true;
  }

  /** There may be GiBs of them: they are not worth a scan each. */
  private skipEmptyLines(): void {
    let end = this.at;
    let lines = 0;
    for (;;) {
      if (this.data[end] === LF) end += 1;
      else if (this.data[end] === CR && this.data[end + 1] === LF) end += 2;
      else break;
      lines += 1;
    }
    if (lines > 0) this.pass(this.data.subarray(this.at, end), lines, undefined);
  }

  private skipByteOrderMark(): void {
    if (this.position.offset !== 0 || this.at !== 0) return;
    if (this.data.subarray(0, 3).equals(BYTE_ORDER_MARK)) this.pass(BYTE_ORDER_MARK, 0, undefined);
  }
}

function flawOfText(cells: string[], bytes: Buffer): RecordFlaw | null {
  let isSuspicious = false;
  for (const cell of cells) {
    if (cell.includes('\0')) return 'nul_character';
    // What is no UTF-8 was decoded to this; a file may also hold the character itself.
    isSuspicious ||= cell.includes('\ufffd');
  }
  return isSuspicious && !isUtf8(bytes) ? 'invalid_utf8' : null;
}

function shownBytes(bytes: Buffer): string {
  return shown(bytes.toString('utf8', 0, Math.min(bytes.length, SHOWN_BYTES)).replace(/\r?\n$/, ''));
}

function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}
