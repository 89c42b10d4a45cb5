import type { Answer } from '../support/http-call.js';
import type { Heartbeat } from './heartbeat.js';

/** A read that shows how many beats it knows. */
export interface HeartbeatRead {
  path: (customerId: number) => string;
  beatsIn: (answer: Answer) => number;
}

const numberOf = (name: unknown): number => Number(/^Beat (\d+)$/.exec(String(name))?.[1] ?? Number.NaN);

/** Of every kind that takes a preference: totals, one row, a page. */
export const HEARTBEAT_READS: HeartbeatRead[] = [
  { path: (id) => `/api/analytics/customers/${id}`, beatsIn: (answer) => Number(answer.json().total_accounts) },
  { path: (id) => `/api/customers/${id}`, beatsIn: (answer) => numberOf(answer.json().name) },
  {
    path: (id) => `/api/accounts?customer_id=${id}&sort=-created_at&limit=1`,
    beatsIn: (answer) => numberOf(answer.json<{ name: string }[]>()[0]?.name ?? 'Beat 0'),
  },
];

/** What an answer claimed, and what was true. */
export interface AgeOfAnswer {
  route: string;
  /** `X-Db-Staleness-Ms`; undefined where the answer claims nothing. */
  claimedMs: number | undefined;
  /** How old it was when it was asked for. */
  trueMs: number;
  askedAt: number;
  /** Why it is older than it may be; undefined when it is not. */
  fault: string | undefined;
}

/** Holds an answer against the truth. `boundMs`: the bound that was asked. */
export function ageOfAnswer(
  heartbeat: Heartbeat,
  read: HeartbeatRead,
  answer: Answer,
  askedAt: number,
  boundMs?: number,
): AgeOfAnswer {
  const { 'x-db-route': target, 'x-db-route-reason': reason, 'x-db-staleness-ms': claim } = answer.headers;
  const route = `${target} ${reason}`;
  const claimedMs = claim === undefined ? undefined : Number(claim);
  const beats = read.beatsIn(answer);
  const isTooOldFor = (ms: number) => heartbeat.countBefore(askedAt - ms) > beats;
  const trueMs = heartbeat.ageOf(beats, askedAt);
  const told = `${route}: knows ${beats} beats, ${trueMs.toFixed(0)} ms old`;
  const faults = [
    Number.isNaN(beats) && `${route}: does not show the beats: ${answer.text}`,
    claimedMs !== undefined && !(claimedMs >= 0) && `${route}: claims "${claim}"`,
    claimedMs !== undefined && isTooOldFor(claimedMs) && `${told}, claimed ${claimedMs} ms`,
    boundMs !== undefined && isTooOldFor(boundMs) && `${told}, asked for ${boundMs} ms`,
    boundMs !== undefined && (claimedMs ?? Infinity) > boundMs && `${told}, claims ${claim}, asked for ${boundMs} ms`,
  ];
  return { route, claimedMs, trueMs, askedAt, fault: faults.find((fault): fault is string => Boolean(fault)) };
}
