import type { Tone } from '../../ui/state-badge.vue';

/** A state in words: its name, what it means, and what to do about it where something is to be done. */
export interface StateWords {
  name: string;
  tone: Tone;
  text: string;
}

/** A name that the API has and this application does not know yet is shown as it came. */
export function wordsOf(words: Record<string, StateWords>, state: string): StateWords {
  return words[state] ?? { name: state, tone: 'quiet', text: '' };
}

export const PRIMARY_STATES: Record<string, StateWords> = {
  up: { name: 'Up', tone: 'good', text: 'Takes every change, and the reads that must be of this moment.' },
  connecting: {
    name: 'Connecting',
    tone: 'warn',
    text: 'It has not been reached since this process started. Check that it runs and that DATABASE_URL is right.',
  },
  down: {
    name: 'Down',
    tone: 'bad',
    text: 'Nothing can be saved; reads go to the followers. It is used again by itself within a second of its return. If it is lost for good, promote a follower and start the API again with its address as DATABASE_URL.',
  },
};

export const FOLLOWER_STATES: Record<string, StateWords> = {
  absent: { name: 'Not set up', tone: 'quiet', text: 'ANALYTICS_DB_URL names none: all reads go to the primary.' },
  connecting: {
    name: 'Connecting',
    tone: 'warn',
    text: 'It has not been reached since this process started; reads go elsewhere and it joins by itself. Check that it runs and that its address in ANALYTICS_DB_URL is right.',
  },
  healthy: { name: 'Healthy', tone: 'good', text: 'Answers reads.' },
  suspect: {
    name: 'Suspect',
    tone: 'warn',
    text: 'It missed a check. It goes on with the connections it has; a second miss takes it out of use.',
  },
  open: {
    name: 'Out of use',
    tone: 'bad',
    text: 'It cannot be reached; reads go elsewhere and none is lost. It is tried again every two seconds at least and comes back by itself. Check that its server runs and that the network lets it through.',
  },
  ramp: { name: 'Coming back', tone: 'warn', text: 'It answers again and takes a growing part of the reads.' },
  'role-changed': {
    name: 'Not our follower',
    tone: 'bad',
    text: 'What answers there does not follow this primary, so it is neither read nor written. Set it up anew as a follower, or correct ANALYTICS_DB_URL.',
  },
  drained: {
    name: 'Drained',
    tone: 'quiet',
    text: 'An operator took it out of use; reads go elsewhere. "npm run follower -- undrain" brings it back.',
  },
};

/** What each pool's connections are for; those of a follower are named after it. */
export function poolPurpose(name: string): string {
  if (/^follower-\d+-streams$/.test(name)) return 'Whole lists from this follower';
  if (/^follower-\d+$/.test(name)) return 'Reads on this follower';
  return POOLS[name] ?? '';
}

const POOLS: Record<string, string> = {
  primary: 'Changes and what belongs to them',
  'primary-read': 'Reads that must be of this moment',
  streams: 'Whole lists from the primary',
  fallback: 'Reads in place of a follower; full means they are refused for a second, so that changes stay fast',
};

/** Why reads went where they went (`X-Db-Route-Reason`), told of many reads rather than of one. */
export const ROUTE_REASONS: Record<string, string> = {
  ok: 'From a follower, as wanted',
  preference: 'Asked of the primary',
  transaction: 'Part of a transaction',
  'token-ahead': 'No follower had the caller’s own change yet',
  stale: 'No follower was fresh enough',
  retry: 'The follower failed on it, the primary did it',
  'conflict-retry': 'The follower gave way to changes it was applying',
  'schema-behind': 'The follower had not got the latest schema',
  'follower-absent': 'No follower is set up or was ever reached',
  'follower-open': 'The follower was out of use',
  'follower-ramp': 'The follower was just coming back',
  'follower-drained': 'The follower was drained',
  'follower-role-changed': 'What answered was not our follower',
};
