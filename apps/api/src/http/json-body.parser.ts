import { isUtf8 } from 'node:buffer';
import { DomainError } from '@app/errors';
import type { FastifyInstance } from 'fastify';

const MAX_DEPTH = 32;
/** Escapes that may make a NUL or half of a surrogate pair: only then is the parsed value searched for them. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/**
 * Parses bodies of application/json. An empty body is none (some clients send the type with a DELETE). Refused with
 * 400: what is no JSON object, nesting deeper than 32, keys that would reach a prototype, and text that PostgreSQL can't keep.
 */
export function useJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws DomainError `malformed_body`. */
export function parseBody(body: Buffer): unknown {
  // Decoding would put U+FFFD in the place of what is no UTF-8, and that would be stored.
  if (!isUtf8(body)) throw new DomainError('malformed_body', 'The body is not valid UTF-8');
  const text = body.toString();
  if (text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new DomainError('malformed_body', 'The body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DomainError('malformed_body', 'The body must be a JSON object');
  }
  check(value, SUSPICIOUS.test(text), 0);
  return value;
}

function check(value: unknown, isSuspicious: boolean, depth: number): void {
  if (depth > MAX_DEPTH) throw new DomainError('malformed_body', `The body is nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string') {
    if (isSuspicious && !isStorableText(value)) throw unstorable();
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__') throw new DomainError('malformed_body', 'The body has a key that is not allowed');
    check(child, isSuspicious, depth + 1);
  }
}

/** Whether PostgreSQL can keep the text: no NUL, no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function unstorable(): DomainError {
  return new DomainError('malformed_body', 'The body holds a NUL character or half of a surrogate pair');
}
