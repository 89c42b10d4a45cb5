/** Why a record can't be read at all, before anyone looks at what it says. */
export type RecordFlaw =
  | 'quote_misplaced'
  | 'quote_unclosed'
  | 'column_count'
  | 'line_too_long'
  | 'invalid_utf8'
  | 'nul_character';

/** One record of a CSV file, or what is left of one that is broken. */
export interface CsvRecord {
  /** The line of the file on which it begins, from 1. */
  line: number;
  /** Of a broken one: what could be read, cut to `SHOWN_CHARACTERS`; for a broken quote the line as it stands, in one cell. */
  cells: string[];
  flaw: RecordFlaw | null;
}

/** Between two records: where reading can go on later, by another process. */
export interface FilePosition {
  /** Bytes before it. */
  offset: number;
  /** The number of the line that begins there. */
  line: number;
}

/** What is shown of a cell, or of a line, that is refused. */
export const SHOWN_CHARACTERS = 1_000;

export function shown(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`;
}
