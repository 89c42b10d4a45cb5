import { createHash } from 'node:crypto';

/** The same text for values that are the same JSON, whatever the order of their keys. */
export function requestFingerprint(value: unknown): string {
  const canonical = JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? sorted(part) : part));
  return createHash('sha256')
    .update(canonical ?? '')
    .digest('base64url');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
