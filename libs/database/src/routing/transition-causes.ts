import type { TransitionCause } from './follower-state.js';

const WORDS: Record<TransitionCause, string> = {
  seen: 'it was reached for the first time',
  recovered: 'it answers again',
  'ramped-up': 'it has answered steadily since it came back',
  refused: 'nothing listens at its address',
  'no-answer': 'it accepts connections but does not answer in time',
  closed: 'it closed the connection',
  'not-postgres': 'what answers at its address is not PostgreSQL',
  'probe-failed': 'it answered the probe with an error',
  'not-in-recovery': 'it takes writes itself: it was promoted, or is no follower',
  'other-system': 'it belongs to another database system',
  'other-timeline': 'it follows another history than the primary has: one of them was promoted',
  drained: 'an operator drained it',
  undrained: 'an operator put it back',
};

/** Why a follower changed its state, as an operator reads it. */
export function causeInWords(cause: TransitionCause): string {
  return WORDS[cause];
}
