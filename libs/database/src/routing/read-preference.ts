import { DomainError } from '@app/errors';
import type { ReadPreference } from './read-options.js';

/** What a client asks of the read it sends; what it leaves out is for the route to decide. */
export interface ReadDemand {
  preference?: ReadPreference;
  /** The oldest answer that will do, in milliseconds. */
  maxStalenessMs?: number;
  /** How long to wait for a follower to reach the token, in milliseconds. */
  waitMs?: number;
  /** Whether an answer without the token's write is better than none while the primary is away. */
  allowStale?: boolean;
}

const MAX_LENGTH = 200;
const MAX_STALENESS_MS = 86_400_000;
const MAX_WAIT_MS = 10_000;

/**
 * Reads `X-Read-Preference`: a preference, then parameters in any order, each at most once, with blanks around the
 * semicolons as one likes: `follower-preferred; max-staleness=2000; wait=100; allow-stale`. Case does not matter.
 * @throws DomainError `invalid_read_preference`, which says what is allowed
 */
export function parseReadPreference(text: string): ReadDemand {
  if (text.length > MAX_LENGTH) throw invalid();
  const [preference = '', ...parameters] = text.toLowerCase().split(';').map(withoutBlanks);
  if (!isPreference(preference)) throw invalid();
  const demand: ReadDemand = { preference };
  for (const parameter of parameters) {
    const { key, value } = read(parameter);
    if (demand[key] !== undefined) throw invalid();
    Object.assign(demand, { [key]: value });
  }
  return demand;
}

function read(parameter: string): { key: Exclude<keyof ReadDemand, 'preference'>; value: number | true } {
  if (parameter === 'allow-stale') return { key: 'allowStale', value: true };
  const [, name, digits] = /^(max-staleness|wait)=(\d{1,8})$/.exec(parameter) ?? [];
  if (name === undefined) throw invalid();
  const value = Number(digits);
  const isStaleness = name === 'max-staleness';
  if (value > (isStaleness ? MAX_STALENESS_MS : MAX_WAIT_MS)) throw invalid();
  return { key: isStaleness ? 'maxStalenessMs' : 'waitMs', value };
}

/** Only what HTTP calls blanks; `trim` would take more. */
function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
}

function isPreference(text: string): text is ReadPreference {
  return text === 'primary' || text === 'follower-preferred' || text === 'follower-only';
}

function invalid(): DomainError {
  return new DomainError(
    'invalid_read_preference',
    'Invalid read preference: send primary, follower-preferred or follower-only, then, each at most once and after a ' +
      `semicolon, max-staleness=0…${MAX_STALENESS_MS} (ms), wait=0…${MAX_WAIT_MS} (ms) and allow-stale`,
  );
}
