const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/** What begins at a place of a buffer. */
export type Scan =
  /** A record that is well-formed as CSV; `end` lies behind its line end. */
  | { kind: 'record'; cells: string[]; end: number }
  /** Its quotes are wrong; where it would end nobody can tell. */
  | { kind: 'broken'; flaw: 'quote_misplaced' | 'quote_unclosed' }
  /** The buffer ends before it does. */
  | { kind: 'more' };

const MORE: Scan = { kind: 'more' };
const MISPLACED: Scan = { kind: 'broken', flaw: 'quote_misplaced' };

/**
 * Reads one record as RFC 4180 has it: cells between commas, a cell in quotes may hold commas, line ends and quotes that are
 * doubled. Lines end with LF or CR LF. A quote anywhere else breaks the record.
 *
 * @param quote where the next quote of the buffer is, -1 if there is none: looked for once and not for every record.
 * @param isEnd whether the file ends with the buffer.
 */
export function scanRecord(data: Buffer, start: number, quote: number, isEnd: boolean): Scan {
  const lineEnd = data.indexOf(LF, start);
  if (quote === -1 || (lineEnd !== -1 && quote > lineEnd)) {
    if (lineEnd === -1 && !isEnd) return MORE;
    const to = lineEnd === -1 ? data.length : lineEnd;
    return { kind: 'record', cells: plainText(data, start, to).split(','), end: lineEnd === -1 ? to : lineEnd + 1 };
  }
  return scanQuoted(data, start, isEnd);
}

function scanQuoted(data: Buffer, start: number, isEnd: boolean): Scan {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    const isQuoted = data[at] === QUOTE;
    const close = isQuoted ? closingQuote(data, at + 1, isEnd) : endOfPlainCell(data, at);
    if (close === 'misplaced') return MISPLACED;
    if (close === 'more') return isEnd && isQuoted ? { kind: 'broken', flaw: 'quote_unclosed' } : MORE;
    let end = isQuoted ? close + 1 : close;
    if (end === data.length && !isEnd) return MORE;
    cells.push(isQuoted ? quotedText(data, at + 1, close) : plainText(data, at, close));
    if (isQuoted && data[end] === CR) {
      if (end + 1 === data.length && !isEnd) return MORE;
      if (end + 1 === data.length || data[end + 1] === LF) end += 1;
    }
    if (end === data.length) return { kind: 'record', cells, end };
    if (data[end] === LF) return { kind: 'record', cells, end: end + 1 };
    if (data[end] !== COMMA) return MISPLACED;
    at = end + 1;
    if (at === data.length && !isEnd) return MORE;
  }
}

/** The quote that ends the cell whose text begins here: the first that is not doubled. */
function closingQuote(data: Buffer, from: number, isEnd: boolean): number | 'more' {
  let at = from;
  for (;;) {
    const quote = data.indexOf(QUOTE, at);
    if (quote === -1) return 'more';
    if (quote + 1 === data.length) return isEnd ? quote : 'more';
    if (data[quote + 1] !== QUOTE) return quote;
    at = quote + 2;
  }
}

function endOfPlainCell(data: Buffer, from: number): number | 'misplaced' {
  let at = from;
  for (; at < data.length; at += 1) {
    const byte = data[at];
    if (byte === COMMA || byte === LF) return at;
    if (byte === QUOTE) return 'misplaced';
  }
  return at;
}

/** Without the CR of a line end. */
function plainText(data: Buffer, from: number, to: number): string {
  const isLast = to === data.length || data[to] === LF;
  return data.toString('utf8', from, isLast && to > from && data[to - 1] === CR ? to - 1 : to);
}

function quotedText(data: Buffer, from: number, to: number): string {
  const text = data.toString('utf8', from, to);
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}
