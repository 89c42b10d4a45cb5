import { shown } from '../csv/record.js';
import type { RejectedLine } from '../rows/rejected-line.js';

const FORMULA = /^[=+@\t\r-]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** The first line of a report: ours, then the columns of the file. */
export function reportHeader(columns: readonly string[]): string {
  return `line,field,code,message${columns.map((name) => `,${reportCell(name)}`).join('')}\n`;
}

/**
 * What stands behind the line number: one cell for each column of the file, so that the report can be corrected and imported
 * again. Cells are cut to 1,000 characters, and no spreadsheet takes one for a formula.
 */
export function reportLine({ field, code, message, cells }: RejectedLine, columns: number): string {
  const originals = Array.from({ length: columns }, (_, index) => reportCell(cells[index] ?? ''));
  return [field, code, reportCell(message), ...originals].join(',');
}

function reportCell(value: string): string {
  const text = shown(value).replaceAll('\0', '\ufffd');
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
