/** How long a campaign kills, and what works meanwhile. What is counted (lost, doubled, wrong) never depends on it. */
export interface KillSize {
  name: 'ci' | 'full';
  durationMs: number;
  seed: number;
  /** Clients that change customers and accounts, two for each organization. */
  writers: number;
  /** Lines of each import. */
  importRows: number;
  /** Between the return of one victim and the death of the next. */
  pauseMs: [least: number, most: number];
}

export const CI: KillSize = {
  name: 'ci',
  durationMs: 15_000,
  seed: 7,
  writers: 4,
  importRows: 400,
  pauseMs: [300, 1_500],
};

export const FULL: KillSize = {
  name: 'full',
  durationMs: 600_000,
  seed: 7,
  writers: 8,
  importRows: 5_000,
  pauseMs: [500, 6_000],
};
