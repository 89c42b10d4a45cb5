import { isIP } from 'node:net';
import { isPublicAddress } from './target-address.js';

const MAX_LENGTH = 2_048;

/** What targets may be. Everything but https to public addresses is for tests, and refused at start in production. */
export interface TargetRules {
  allowPrivate: boolean;
}

/** The address that the URL's host is, without brackets; undefined for a name. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : host;
}

/**
 * Why a URL can be no target, in words for the person who gave it; undefined where nothing is wrong with it as far as
 * the text tells. What a name resolves to is checked whenever it is connected to. Numbers in other notations (octal,
 * one integer) are addresses to the URL parser, as they are to every client.
 */
export function targetProblem(text: string, rules: TargetRules): string | undefined {
  if (text.length > MAX_LENGTH) return `url must have at most ${MAX_LENGTH} characters`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isFine = url?.protocol === 'https:' || (url?.protocol === 'http:' && rules.allowPrivate);
  if (url === undefined || !isFine) return 'url must be an https:// address';
  if (url.username !== '' || url.password !== '') return 'url must not hold a user name or password';
  if (url.hash !== '') return 'url must not have a fragment';
  const address = literalAddress(url);
  if (address !== undefined && !rules.allowPrivate && !isPublicAddress(address)) {
    return 'url must lead to a public address';
  }
  return undefined;
}
