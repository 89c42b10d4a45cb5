import { UsageError } from './usage-error.js';

export type OperatorRequest = { action: 'grant' | 'revoke'; username: string } | { action: 'list' };

export interface FollowerRequest {
  action: 'drain' | 'undrain' | 'status';
  /** Which follower of ANALYTICS_DB_URL, from 1 on; undefined for the status of all. */
  number?: number;
}

const FOLLOWER_ACTIONS = ['drain', 'undrain', 'status'] as const;

/** Reads what follows `operator`. @throws UsageError of one line. */
export function readOperatorWords(words: string[]): OperatorRequest {
  const [action, username, ...rest] = words;
  if (action === 'list' && username === undefined) return { action };
  if ((action === 'grant' || action === 'revoke') && username && rest.length === 0) return { action, username };
  throw notUnderstood('operator', words, 'grant USERNAME, revoke USERNAME or list');
}

/** Reads what follows `follower`. @throws UsageError of one line. */
export function readFollowerWords(words: string[]): FollowerRequest {
  const [name, k, ...rest] = words;
  const action = FOLLOWER_ACTIONS.find((known) => known === name);
  const isNumber = k === undefined || /^[1-9]\d{0,3}$/.test(k);
  if (action === undefined || !isNumber || rest.length > 0) {
    throw notUnderstood('follower', words, 'drain, undrain or status, then the number of a follower or nothing');
  }
  if (k !== undefined) return { action, number: Number(k) };
  return action === 'status' ? { action } : { action, number: 1 };
}

function notUnderstood(command: string, words: string[], expected: string): UsageError {
  const said = words.length === 0 ? 'nothing' : `"${words.join(' ')}"`;
  return new UsageError(`After ${command} comes ${expected}, not ${said}`);
}
