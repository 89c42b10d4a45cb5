import { createHmac } from 'node:crypto';
import { keyOfSecret } from './webhook-secret.js';

/** What is signed: Standard Webhooks 1.0.0, "Signature scheme". */
export interface SignedContent {
  id: string;
  /** Seconds since 1970, of the attempt. */
  timestamp: number;
  body: string;
}

/**
 * The value of `webhook-signature`: one `v1,` HMAC-SHA256 for each secret, separated by spaces. While secrets are
 * rotated there are two, so a receiver with either is content.
 */
export function signatureHeader({ id, timestamp, body }: SignedContent, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const hmac = createHmac('sha256', keyOfSecret(secret)).update(`${id}.${timestamp}.${body}`);
      return `v1,${hmac.digest('base64')}`;
    })
    .join(' ');
}
