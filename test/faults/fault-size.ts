/** How much of each fault is inflicted, and how far from the asked time a busy machine may be. */
export interface FaultSize {
  name: 'ci' | 'full';
  /** Time limits are multiplied by it: CI runs beside other tests. What is counted (failed, missing, too old) never is. */
  patience: number;
  readers: number;
  /** Reads that a fault under readers must at least have had. */
  reads: number;
  startRounds: number;
  /** How much later than without a follower the API may be ready. */
  startDelayMs: number;
  frozenMs: number;
  behindMs: number;
  idleMs: number;
  pairs: number;
  /** Pairs of write and read without a token, for the control. */
  tokenlessPairs: number;
  conflictMs: number;
  accountsUnderConflict: number;
  primaryAwayMs: number;
  /** The load while no follower is there: rounds of so long each, with so many customers stored. */
  loadRounds: number;
  loadRoundMs: number;
  customersUnderLoad: number;
  readsPerSecond: number;
  blocks: number;
  trips: number;
  chaosMs: number;
  chaosSeed: number;
}

export const CI: FaultSize = {
  name: 'ci',
  patience: 3,
  readers: 12,
  reads: 200,
  startRounds: 1,
  startDelayMs: 4_000,
  frozenMs: 3_000,
  behindMs: 2_500,
  idleMs: 4_000,
  pairs: 1_000,
  tokenlessPairs: 200,
  conflictMs: 2_000,
  accountsUnderConflict: 40_000,
  primaryAwayMs: 3_000,
  loadRounds: 1,
  loadRoundMs: 3_000,
  customersUnderLoad: 2_000,
  readsPerSecond: 500,
  blocks: 3,
  trips: 8,
  chaosMs: 30_000,
  chaosSeed: 4,
};

/** The figures of the design, as asked. */
export const FULL: FaultSize = {
  name: 'full',
  patience: 1,
  readers: 24,
  reads: 3_000,
  startRounds: 5,
  startDelayMs: 200,
  frozenMs: 4_000,
  behindMs: 10_000,
  idleMs: 60_000,
  pairs: 20_000,
  tokenlessPairs: 2_000,
  conflictMs: 20_000,
  accountsUnderConflict: 40_000,
  primaryAwayMs: 10_000,
  loadRounds: 5,
  loadRoundMs: 20_000,
  customersUnderLoad: 100_000,
  readsPerSecond: 500,
  blocks: 20,
  trips: 500,
  chaosMs: 300_000,
  chaosSeed: 4,
};
