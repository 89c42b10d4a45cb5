import { randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
/** Standard Webhooks: 24 to 64. */
const BYTES = 32;

/** A new secret as receivers get it: `whsec_` and the key in base64. */
export function makeSecret(): string {
  return PREFIX + randomBytes(BYTES).toString('base64');
}

/** The key that a secret stands for. */
export function keyOfSecret(secret: string): Buffer {
  return Buffer.from(secret.slice(PREFIX.length), 'base64');
}
