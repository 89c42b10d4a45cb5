import type { ReadOptions } from '@app/database';

/** One way to ask for a read. */
export interface DecisionCase {
  title: string;
  /** What the code declares. */
  options: ReadOptions;
  /** Where it must be answered; a decision that came out differently is counted as one. */
  target: 'primary' | 'follower';
  sendsToken: boolean;
  /** The client's X-Read-Preference. */
  preference?: string;
}

/** Wide enough for a machine that stalls: a read that is refused as too old would measure another decision. */
const MAX_STALENESS = 'follower-preferred; max-staleness=10000';

/** As the API's own routes ask: customers of the primary, analytics of a follower. */
export const DECISION_CASES: DecisionCase[] = [
  { title: 'primary, nothing sent', options: { preference: 'primary' }, target: 'primary', sendsToken: false },
  { title: 'primary, token sent', options: { preference: 'primary' }, target: 'primary', sendsToken: true },
  {
    title: 'follower, nothing sent',
    options: { preference: 'follower-preferred', organizationId: 1 },
    target: 'follower',
    sendsToken: false,
  },
  {
    title: 'follower, token sent',
    options: { preference: 'follower-preferred', organizationId: 1 },
    target: 'follower',
    sendsToken: true,
  },
  {
    title: 'follower, token and max-staleness sent',
    options: { preference: 'primary' },
    target: 'follower',
    sendsToken: true,
    preference: MAX_STALENESS,
  },
];
