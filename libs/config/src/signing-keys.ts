import { randomBytes } from 'node:crypto';
import type { SigningKey } from './configuration.js';
import type { EnvironmentReader } from './environment-reader.js';

const MIN_SECRET_BYTES = 32;
const KEY_WITH_ID = /^([A-Za-z0-9_-]{1,32}):(.+)$/;

/**
 * Reads JWT_SECRET: one secret, or several `kid:secret` separated by commas of which the first signs. Outside
 * production a missing one is made at random, so tokens end with the process.
 */
export function readSigningKeys(read: EnvironmentReader, environment: string): SigningKey[] {
  const value = read.text('JWT_SECRET');
  if (value === undefined) {
    if (environment === 'production') read.refuse('JWT_SECRET', `is missing: at least ${MIN_SECRET_BYTES} bytes`);
    return [{ kid: 'random', secret: randomBytes(MIN_SECRET_BYTES) }];
  }
  const keys = splitKeys(value);
  if (environment === 'production' && keys.some((key) => key.secret.length < MIN_SECRET_BYTES)) {
    read.refuse('JWT_SECRET', `is too short: at least ${MIN_SECRET_BYTES} bytes for each key`);
  }
  if (environment === 'production' && keys.some((key) => isSample(key.secret.toString()))) {
    read.refuse('JWT_SECRET', 'is a sample value: make a random one');
  }
  if (new Set(keys.map((key) => key.kid)).size < keys.length) read.refuse('JWT_SECRET', 'names a kid twice');
  return keys;
}

function splitKeys(value: string): SigningKey[] {
  const parts = value.split(',').flatMap((part) => (part.trim() ? [part.trim().match(KEY_WITH_ID)] : []));
  // A single secret may hold commas and colons of its own: it is a list only if every part has the form of one.
  if (parts.length === 0 || parts.some((part) => part === null))
    return [{ kid: 'default', secret: Buffer.from(value) }];
  return parts.flatMap((part) => (part?.[1] && part[2] ? [{ kid: part[1], secret: Buffer.from(part[2]) }] : []));
}

function isSample(secret: string): boolean {
  return /change[-_ ]?me|your[-_ ]?secret|example|sample|^(.)\1+$/i.test(secret);
}
