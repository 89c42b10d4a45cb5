import type { Readable } from 'node:stream';
import { DomainError } from '@app/errors';
import { Busboy } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';

const PART = 'file';
/** Of everything beside the file. */
const LIMITS = { parts: 32, fields: 32, fieldSize: 1_024, headerPairs: 64, headerSize: 8_192 };

/**
 * The bytes of the part named `file` of a multipart body, as they come. Other parts are skipped. It ends with the boundary
 * behind it: one that was cut off does not pass for a whole one.
 *
 * @throws DomainError `malformed_body`; `validation_failed` when there is no such part.
 */
export async function* multipartFile({ headers, raw }: FastifyRequest): AsyncGenerator<Buffer> {
  const parser = parserOf(headers);
  const { failure, fail: failWith } = makeFailure();
  const finished = new Promise<'finished'>((resolve) => parser.once('finish', () => resolve('finished')));
  let file: Readable | undefined;
  const found = new Promise<Readable>((resolve) => {
    parser.on('file', (name, stream) => {
      // An error that nobody listens to would end the process.
      stream.on('error', failWith);
      if (name !== PART || file !== undefined) return stream.resume();
      file = stream;
      return resolve(stream);
    });
  });
  const fail = (cause?: unknown): void => {
    failWith(cause);
    file?.destroy(cause instanceof Error ? cause : new Error('The body ended before its end'));
  };
  parser.once('error', fail);
  raw.once('error', fail);
  raw.once('close', () => raw.complete || fail());
  raw.pipe(parser);
  try {
    const first = await Promise.race([found, finished, failure]);
    if (first === 'finished') throw missing();
    yield* first;
    await Promise.race([finished, failure]);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError('malformed_body', 'The body is no whole multipart/form-data', { cause });
  } finally {
    raw.unpipe(parser);
  }
}

/** A promise that only fails, and need not be awaited. */
function makeFailure(): { failure: Promise<never>; fail(cause: unknown): void } {
  let fail: (cause: unknown) => void = () => undefined;
  const failure = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failure.catch(() => undefined);
  return { failure, fail };
}

function parserOf(headers: FastifyRequest['headers']) {
  try {
    return new Busboy({
      headers: headers as { 'content-type': string },
      limits: LIMITS,
      isPartAFile: (name, _type, fileName) => name === PART || fileName !== undefined,
    });
  } catch (cause) {
    throw new DomainError('malformed_body', 'The body is no multipart/form-data: the type names no boundary', {
      cause,
    });
  }
}

function missing(): DomainError {
  const message = `The body has no part named ${PART}`;
  return new DomainError('validation_failed', message, { fields: [{ field: PART, code: 'missing', message }] });
}
