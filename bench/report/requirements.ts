/** What a figure has to reach: a ratio to the floor at least, anything else at most. */
export interface Requirement {
  /** What is asked of this version. */
  limit: number | undefined;
  /** What is asked of the finished system. */
  goal: number | undefined;
}

/** By measure: Tandem's requests per second as a multiple of the floor's. */
export const THROUGHPUT: Record<string, Requirement> = {
  'get-32': { limit: 0.7, goal: 1.4 },
  page: { limit: undefined, goal: 1.5 },
  list: { limit: undefined, goal: 2.8 },
  post: { limit: undefined, goal: 0.7 },
};

/** By measure: Tandem's median answer as a multiple of the floor's. */
export const LATENCY: Record<string, Requirement> = { 'get-1': { limit: undefined, goal: 1.2 } };

export const FIRST_BYTE_MS: Requirement = { limit: 300, goal: 100 };
export const LIST_GROWTH_MIB: Requirement = { limit: 64, goal: 64 };
/** Rows a second of one CSV import, and the memory that API and worker take for it. */
export const IMPORT_ROWS: Requirement = { limit: 10_000, goal: 10_000 };
export const IMPORT_GROWTH_MIB: Requirement = { limit: 64, goal: 64 };
export const API_START_MS: Requirement = { limit: 2_500, goal: 2_500 };
export const API_IDLE_MIB: Requirement = { limit: 160, goal: 160 };
export const WORKER_IDLE_MIB: Requirement = { limit: 135, goal: 135 };

/** Microseconds of one read's routing, p99, without the statement. */
export const DECISION_MICROS: Requirement = { limit: 20, goal: 20 };
/** A second, from one idle process to each server. */
export const MONITOR_QUERIES: Requirement = { limit: 8, goal: 8 };
/** Requests per second beside those of an API without a follower: what is above is within what two equal processes differ by. */
export const COST_RATIO: Requirement = { limit: 0.95, goal: 0.95 };
/** The p99 of writes under fallback as a multiple of that without. */
export const PROTECTION: Requirement = { limit: 1.2, goal: 1.2 };
export const FALLBACK_SESSIONS: Requirement = { limit: 5, goal: 5 };

/** Percentage points that a queue's share of the started jobs may be off, while all have work. */
export const SHARE_OFF: Requirement = { limit: 3, goal: 3 };
/** Slots of ten in use while only the least urgent queue has work. */
export const LOW_BUSY: Requirement = { limit: 8, goal: 8 };
/** The median answer of analytics at full size as a multiple of that of an empty database. */
export const READ_GROWTH: Requirement = { limit: 1.3, goal: 1.3 };
/** At a million customers with five accounts each: requests per second as a multiple of the naive way's. */
export const TO_NAIVE: Requirement = { limit: undefined, goal: 3_000 };
/** Time of a write with the triggers of rollups and change log as a multiple of that without. */
export const WRITE_OVERHEAD: Requirement = { limit: 1.5, goal: 1.5 };
export const BULK_OVERHEAD: Requirement = { limit: 1.8, goal: 1.8 };

/** How a figure stands, in a word for the table. */
export function verdict(figure: number, { limit, goal }: Requirement, direction: 'at least' | 'at most'): string {
  const isReached = (bound: number): boolean => (direction === 'at least' ? figure >= bound : figure <= bound);
  const sign = direction === 'at least' ? '≥' : '≤';
  if (limit !== undefined && !isReached(limit)) return `MISSED ${sign} ${limit}`;
  if (goal !== undefined && goal !== limit && !isReached(goal)) {
    return limit === undefined ? `goal ${sign} ${goal}` : `${sign} ${limit}, goal ${sign} ${goal}`;
  }
  return `reached ${sign} ${goal ?? limit}`;
}
