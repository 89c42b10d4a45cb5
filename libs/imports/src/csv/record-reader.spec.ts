import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CsvRecord } from './record.js';
import { RecordReader } from './record-reader.js';

/** Reads bytes that come in pieces of this size. */
function read(
  file: string | Buffer,
  { columns, piece = 1 << 20, max }: { columns?: number; piece?: number; max?: number } = {},
) {
  const bytes = Buffer.from(file);
  const reader = new RecordReader({ offset: 0, line: 1 }, { columns, maxRecordBytes: max });
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    reader.push(bytes.subarray(at, at + piece));
    records.push(...reader.take());
  }
  reader.end();
  records.push(...reader.take());
  expect(reader.place.offset).toBe(bytes.length);
  return records;
}

const brief = (records: CsvRecord[]) => records.map(({ line, cells, flaw }) => [line, flaw ?? cells]);

describe('a file is split into records', () => {
  test.each([
    ['LF', 'a,b\nc,d\n'],
    ['CR LF', 'a,b\r\nc,d\r\n'],
    ['no line end at the end', 'a,b\nc,d'],
    ['a byte order mark', '\ufeffa,b\nc,d\n'],
    ['quotes', '"a","b"\n"c",d\r\n'],
  ])('with %s', (_what, file) => {
    expect(brief(read(file, { columns: 2 }))).toEqual([
      [1, ['a', 'b']],
      [2, ['c', 'd']],
    ]);
  });

  test('where quotes hold commas, quotes and line ends, and a record begins on a line of the file', () => {
    const file = '"a,1","b ""x"""\n"c\r\nd\n",e\nf,g\n';
    expect(brief(read(file, { columns: 2 }))).toEqual([
      [1, ['a,1', 'b "x"']],
      [2, ['c\r\nd\n', 'e']],
      [5, ['f', 'g']],
    ]);
  });

  test('where empty lines count as lines and are no records', () => {
    expect(brief(read('\na,b\n\r\n\nc,d\n\n', { columns: 2 }))).toEqual([
      [2, ['a', 'b']],
      [5, ['c', 'd']],
    ]);
  });

  test('where a quoted empty cell alone on its line is no empty line', () => {
    expect(brief(read('""\n', { columns: 2 }))).toEqual([[1, 'column_count']]);
  });

  test('as an independent parser does it, whatever the cells hold and however the bytes come', () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'ß', '🙂', '"', ',', '\n', '\r', ' ', ';', '\ufffd') }),
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
    );
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 });
    const quoted = (text: string, always: boolean) =>
      always || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    fc.assert(
      fc.property(
        rows,
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        (table, always, end, piece) => {
          const file = table.map((row) => row.map((text) => quoted(text, always)).join(',')).join(end) + end;
          const expected = parse(file, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] });
          const records = read(file, { columns: 3, piece });
          expect(records.map(({ flaw }) => flaw)).toEqual(table.map(() => null));
          expect(records.map(({ cells }) => cells)).toEqual(expected);
        },
      ),
    );
  });
});

describe('a broken record', () => {
  test.each([
    ['a quote inside a plain cell', 'Jo"e,x', 'quote_misplaced'],
    ['a blank before the quote', ' "Joe",x', 'quote_misplaced'],
    ['something behind the closing quote', '"Joe"x,x', 'quote_misplaced'],
    ['a quote that is never closed', '"Joe,x', 'quote_misplaced'],
    ['a quote that is closed late, with cells left over', '"Joe,x\n"', 'column_count'],
    ['too few cells', 'Joe', 'column_count'],
    ['too many cells', 'Joe,x,y', 'column_count'],
    ['a NUL', 'J\0oe,x', 'nul_character'],
  ])('with %s costs its own line only', (_what, broken, flaw) => {
    const records = read(`a,b\n${broken}\n"c",d\ne,f\n`, { columns: 2 });
    expect(brief(records)[0]).toEqual([1, ['a', 'b']]);
    expect(brief(records)[1]).toEqual([2, flaw]);
    expect(
      brief(records)
        .slice(-2)
        .map(([, cells]) => cells),
    ).toEqual([
      ['c', 'd'],
      ['e', 'f'],
    ]);
  });

  test('with a quote that nothing closes until the end of the file costs its own line only', () => {
    expect(brief(read('a,b\n"c,d\ne,f\ng,h', { columns: 2 }))).toEqual([
      [1, ['a', 'b']],
      [2, 'quote_unclosed'],
      [3, ['e', 'f']],
      [4, ['g', 'h']],
    ]);
  });

  test('with a quote that nothing closes within the longest record costs its own line only', () => {
    const file = `a,b\n"c,d\n${'e,f\n'.repeat(100)}`;
    const records = read(file, { columns: 2, max: 64, piece: 16 });
    expect(brief(records).slice(0, 3)).toEqual([
      [1, ['a', 'b']],
      [2, 'quote_unclosed'],
      [3, ['e', 'f']],
    ]);
    expect(records).toHaveLength(102);
  });

  test.each([1, 7, 65_536, 10_000_000])(
    'that is a line of 10 MB is refused and forgotten (in pieces of %i)',
    (piece) => {
      const size = piece < 100 ? 1_000 : 10_000_000;
      const file = `a,b\n${'x'.repeat(size)}\n"${'y"'.repeat(100)}\nc,d\n`;
      const records = read(file, { columns: 2, max: piece < 100 ? 300 : undefined, piece });
      expect(brief(records).map(([line, what]) => [line, what])).toEqual([
        [1, ['a', 'b']],
        [2, 'line_too_long'],
        [3, 'quote_misplaced'],
        [4, ['c', 'd']],
      ]);
      expect(records[1]?.cells[0]?.length).toBeLessThanOrEqual(1_001);
    },
  );

  test('of bytes that are no UTF-8 is told from one that holds the replacement character', () => {
    const file = Buffer.concat([
      Buffer.from('M\ufffdller,x\n'),
      Buffer.from('M\xfcller,x\n', 'latin1'),
      Buffer.from('Müller,x'),
    ]);
    expect(brief(read(file, { columns: 2 }))).toEqual([
      [1, ['M\ufffdller', 'x']],
      [2, 'invalid_utf8'],
      [3, ['Müller', 'x']],
    ]);
  });
});

describe('whatever the bytes are', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
    fc
      .string({ unit: fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', '\0'), maxLength: 200 })
      .map((text) => Buffer.from(text)),
  );

  test('the same records come out however the file is cut, and every line is in one of them', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 50 }), (file, piece) => {
        const whole = read(file, { columns: 2, max: 100 });
        expect(read(file, { columns: 2, max: 100, piece })).toEqual(whole);
        const lines = whole.map(({ line }) => line);
        expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
      }),
    );
  });

  test('good lines that hold no quote are all there, whatever stands between them', () => {
    const broken = fc.string({ unit: fc.constantFrom('a', '"', ',', '\0', ' '), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(broken, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (between, piece) => {
        // A closing quote before a comma or line end makes a proper record of the lines up to it: no such ones here.
        const lines = between.map((text) => text.replaceAll(/"+/g, (run) => (run.length % 2 ? `${run}x` : run)));
        const file = lines
          .flatMap((text, n) => [`good,${n}`, text])
          .concat('good,last')
          .join('\n');
        const found = read(file, { columns: 2, piece }).filter(
          ({ flaw, cells }) => flaw === null && cells[0] === 'good',
        );
        expect(found.map(({ cells }) => cells[1])).toEqual([...lines.keys()].map(String).concat('last'));
      }),
    );
  });

  test('reading can go on from any place between two records', () => {
    fc.assert(
      fc.property(bytes, (file) => {
        const expected = read(file, { columns: 2 });
        const first = new RecordReader({ offset: 0, line: 1 }, { columns: 2 });
        first.push(file);
        first.end();
        let count = 0;
        for (const _ of first.take()) {
          count += 1;
          const second = new RecordReader(first.place, { columns: 2 });
          second.push(file.subarray(first.place.offset));
          second.end();
          expect([...second.take()]).toEqual(expected.slice(count));
        }
      }),
    );
  });
});
