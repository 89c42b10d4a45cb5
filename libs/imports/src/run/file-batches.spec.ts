import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FilePosition } from '../csv/record.js';
import { reportLine } from '../report/report-line.js';
import { type BatchLimits, type FileBatch, fileBatches } from './file-batches.js';
import type { ImportFile } from './import-file.js';

const HEADER = 'name,email\n';
const START: FilePosition = { offset: HEADER.length, line: 2 };
const MIB = 1_048_576;

interface Reading {
  columns?: string[];
  from?: FilePosition;
  chunkBytes?: number;
  limits?: BatchLimits;
}

/** The batches of a file whose header is `HEADER`. */
async function read(
  bytes: Buffer,
  { columns = ['name', 'email'], from = START, chunkBytes = 262_144, limits }: Reading = {},
) {
  const file: ImportFile = {
    id: '',
    organizationId: 1,
    entity: 'customers',
    mode: 'insert',
    atomic: false,
    dryRun: false,
    columns,
    start: START,
    bytes: bytes.length,
    chunkBytes,
  };
  const readChunk = async (number: number) => bytes.subarray(number * chunkBytes, (number + 1) * chunkBytes);
  const batches: FileBatch[] = [];
  for await (const batch of fileBatches(file, readChunk, from, limits)) batches.push(batch);
  return batches;
}

const outcomeOf = (batches: FileBatch[]) => ({
  records: batches.reduce((sum, { records }) => sum + records, 0),
  good: batches.flatMap(({ good }) => good.rows.map(({ line, cells }) => [line, cells])),
  rejected: batches.flatMap(({ rejected }) => rejected),
});

describe('reading goes on behind a batch as if it had never ended', () => {
  test('where a line is longer than a batch', async () => {
    const file = Buffer.from(`${HEADER}A,a@example.com\n${'x'.repeat(10_000_000)}\nB,b@example.com\nC,c@example.com\n`);
    const batches = await read(file);
    const [first] = batches;

    const rest = await read(file, { from: first?.end });

    expect(outcomeOf(batches).good.map(([line]) => line)).toEqual([2, 4, 5]);
    expect(outcomeOf(batches).rejected.map(({ line, code }) => [line, code])).toEqual([[3, 'line_too_long']]);
    expect(batches.length).toBeGreaterThan(1);
    expect(outcomeOf([...batches.slice(0, 1), ...rest])).toEqual(outcomeOf(batches));
  });

  test('from the end of each, whatever the file holds', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'A,a@example.com\n',
        '"B\n""b""",b@example.com\r\n',
        '\n',
        '\r\n',
        '"',
        '""',
        ',',
        '\r',
        'ß\n',
        '\0',
      ),
      fc.constantFrom('x'.repeat(90), `${'y'.repeat(200)}\n`, `"${'z\n'.repeat(50)}`, '\n'.repeat(70)),
      fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 12 }),
      fc.constant('C,c@example.com\n'),
    );
    return fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.integer({ min: 5, max: 120 }),
        fc.record({ records: fc.integer({ min: 1, max: 6 }), bytes: fc.integer({ min: 1, max: 150 }) }),
        async (pieces, chunkBytes, size) => {
          const bytes = Buffer.from(HEADER + pieces.join(''));
          const reading = { chunkBytes, limits: { ...size, recordBytes: 64 } };
          const batches = await read(bytes, reading);
          for (const [index, { end }] of batches.entries()) {
            const rest = await read(bytes, { ...reading, from: end });
            expect(outcomeOf(rest)).toEqual(outcomeOf(batches.slice(index + 1)));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('a batch ends', () => {
  test('also where there is nothing but empty lines', async () => {
    const file = Buffer.from(`${HEADER}A,a@example.com\n${'\n'.repeat(5 * MIB)}B,b@example.com\n`);

    const batches = await read(file);

    expect(batches.map(({ records }) => records)).toEqual([1, 0, 0, 0, 1]);
    let before = 0;
    for (const { end } of batches) {
      expect(end.offset - before).toBeLessThanOrEqual(MIB + 262_144 + HEADER.length);
      before = end.offset;
    }
    expect(outcomeOf(batches).good.map(([line]) => line)).toEqual([2, 5 * MIB + 3]);
  });

  test('before what its report says takes much more room than its lines', async () => {
    const columns = ['name', 'email', ...Array.from({ length: 498 }, (_, n) => `c${n}`)];
    const file = Buffer.from(HEADER + 'x\n'.repeat(6_000));

    const batches = await read(file, { columns });

    expect(outcomeOf(batches).records).toBe(6_000);
    for (const { rejected } of batches) {
      const report = rejected.reduce((sum, line) => sum + reportLine(line, columns.length).length, 0);
      expect(report).toBeLessThan(1.1 * MIB);
    }
  });
});
