import { Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonArrayRows, NdjsonRows } from './row-bytes.js';

/** One row of COPY's text form: a backslash is doubled, the line ends with a newline. */
function copyText(rows: unknown[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row).replaceAll('\\', '\\\\')}\n`).join(''));
}

/** Cuts bytes at the given places; the same place twice makes an empty chunk. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

async function through(shape: Transform, chunks: Buffer[]): Promise<string> {
  const answer = buffer(shape);
  for (const chunk of chunks) shape.write(Buffer.from(chunk));
  shape.end();
  return (await answer).toString();
}

const UNIT = fc.oneof(fc.constantFrom('\\', '"', '\n', ',', ']', '😀', '\u2028'), fc.string({ maxLength: 2 }));
const ROW = fc.record({ id: fc.integer(), name: fc.option(fc.string({ unit: UNIT })) });
const CUT_ROWS = fc.tuple(fc.array(ROW, { maxLength: 6 }), fc.array(fc.nat({ max: 1_000 }), { maxLength: 12 }));

describe('rows as bytes', () => {
  test('are exactly the JSON array of the rows, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(CUT_ROWS, async ([rows, places]) => {
        const text = await through(new JsonArrayRows(), cut(copyText(rows), places));
        expect(text).toBe(JSON.stringify(rows));
      }),
    );
  });

  test('are exactly one JSON text a line, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(CUT_ROWS, async ([rows, places]) => {
        const text = await through(new NdjsonRows(), cut(copyText(rows), places));
        expect(text).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      }),
    );
  });

  test('cut into single bytes are still the same array', async () => {
    const rows = [{ name: 'C:\\dir\\"x"' }, { name: '\\\\' }, { name: 'Grüße 😀\n' }];
    const bytes = copyText(rows);
    expect(await through(new JsonArrayRows(), cut(bytes, [...bytes.keys()]))).toBe(JSON.stringify(rows));
  });

  test('an empty chunk after the last row adds no comma', async () => {
    const chunks = [copyText([{ id: 1 }]), Buffer.alloc(0)];
    expect(await through(new JsonArrayRows(), chunks)).toBe('[{"id":1}]');
  });

  test('of no rows are an empty array, and no line', async () => {
    expect(await through(new JsonArrayRows(), [])).toBe('[]');
    expect(await through(new NdjsonRows(), [])).toBe('');
  });

  test('leave the chunk that they were given as it was: it belongs to the socket', async () => {
    const chunk = copyText([{ id: 1 }, { id: 2 }]);
    const shape = new JsonArrayRows();
    const answer = buffer(shape);
    shape.end(chunk);
    await answer;
    expect(chunk.toString()).toBe('{"id":1}\n{"id":2}\n');
  });

  test('that break off midway have no closing bracket', async () => {
    const broken = Readable.from(
      (async function* () {
        yield copyText([{ id: 1 }]);
        throw new Error('the server went away');
      })(),
    );
    const shape = new JsonArrayRows();
    const got: Buffer[] = [];
    shape.on('data', (chunk: Buffer) => got.push(chunk));
    await expect(pipeline(broken, shape)).rejects.toThrow('the server went away');
    expect(Buffer.concat(got).toString()).not.toContain(']');
  });
});
