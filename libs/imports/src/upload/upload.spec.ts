import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileChunks } from './file-chunks.js';
import { limitedSource } from './limited-source.js';
import { UploadSlots } from './upload-slots.js';

async function* sourceOf(...parts: (Buffer | number | Error)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    if (typeof part === 'number') await sleep(part);
    else yield part;
  }
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const bytes of source) all.push(bytes);
  return all;
}

const limits = { maxBytes: 10, stallMs: 5_000, durationMs: 5_000, signal: new AbortController().signal };
const codeOf = async (source: AsyncIterable<Buffer>, changed = {}): Promise<string> => {
  try {
    return String((await collect(limitedSource(source, { ...limits, ...changed }))).length);
  } catch (error) {
    return error instanceof DomainError ? error.code : 'unknown';
  }
};

describe('an upload', () => {
  test('within its limits is handed on', async () => {
    expect(await codeOf(sourceOf(Buffer.from('12345'), 5, Buffer.from('12345')))).toBe('2');
  });

  test.each([
    ['too large', sourceOf(Buffer.from('12345'), Buffer.from('123456')), {}, 'payload_too_large'],
    ['silent for too long', sourceOf(Buffer.from('1'), 2_000), { stallMs: 20 }, 'request_timeout'],
    [
      'too slow in all',
      sourceOf(...Array.from({ length: 9 }, () => [20, Buffer.from('1')]).flat()),
      { durationMs: 60 },
      'request_timeout',
    ],
    ['broken off', sourceOf(Buffer.from('1'), new Error('aborted')), {}, 'malformed_body'],
  ])('that is %s ends', async (_what, source, changed, code) => {
    expect(await codeOf(source, changed)).toBe(code);
  });

  test('ends when the process stops', async () => {
    const stopping = new AbortController();
    const ended = codeOf(sourceOf(Buffer.from('1'), 2_000), { signal: stopping.signal });
    await sleep(10);
    stopping.abort(new DomainError('not_ready', 'stop'));
    expect(await ended).toBe('not_ready');
    expect(await codeOf(sourceOf(Buffer.from('1')), { signal: stopping.signal })).toBe('not_ready');
  });

  test('takes as long as we do with it', async () => {
    const received: number[] = [];
    for await (const bytes of limitedSource(sourceOf(Buffer.from('1'), Buffer.from('2')), { ...limits, stallMs: 20 })) {
      await sleep(50);
      received.push(bytes.length);
    }
    expect(received).toEqual([1, 1]);
  });
});

describe('slots for uploads', () => {
  const attempt = (slots: UploadSlots, organizationId: number): boolean => {
    try {
      slots.take(organizationId);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'import_slots_exhausted', retryAfterSeconds: 5 });
      return false;
    }
  };

  test.each([
    [8, 4],
    [5, 2],
    [2, 1],
    [1, 1],
  ])('%i in all, are at most %i of one organization', (count, most) => {
    const slots = new UploadSlots(count);
    const taken = (organizationId: number) =>
      Array.from({ length: count + 1 }, () => attempt(slots, organizationId)).filter(Boolean).length;
    expect(taken(1)).toBe(most);
    expect(taken(2)).toBe(Math.min(most, count - most));
    expect(taken(3)).toBe(Math.max(0, Math.min(most, count - 2 * most)));
    expect(taken(4)).toBe(0);
  });

  test('are free again when they are given back', () => {
    const slots = new UploadSlots(2);
    const release = slots.take(1);
    slots.take(2);
    expect([attempt(slots, 1), attempt(slots, 3)]).toEqual([false, false]);
    release();
    expect([attempt(slots, 2), attempt(slots, 1), attempt(slots, 3)]).toEqual([false, true, false]);
  });
});

test('pieces of a file have one size but for the last, and are the file', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 20 })),
      fc.integer({ min: 1, max: 9 }),
      async (parts, size) => {
        const buffers = parts.map((part) => Buffer.from(part));
        const chunks = await collect(fileChunks(sourceOf(...buffers), size));
        expect(Buffer.concat(chunks)).toEqual(Buffer.concat(buffers));
        expect(chunks.slice(0, -1).every(({ length }) => length === size)).toBe(true);
        expect((chunks.at(-1)?.length ?? 1) > 0).toBe(true);
      },
    ),
  ));
