import { currentContext, type RequestContext } from '@app/logging';
import { formatToken, later, parseToken, type WalPosition } from '../positions/consistency-token.js';
import type { RouteReason } from './read-options.js';
import { parseReadPreference, type ReadDemand } from './read-preference.js';

/** What one read came to: which server answered, why, and how old its answer may be. */
export interface ServedRead {
  target: 'primary' | 'follower';
  reason: RouteReason;
  /**
   * A moment (`performance.now()`): everything acknowledged before it is in the answer. Undefined for the primary, which
   * holds everything; null where no such moment is known.
   */
  asOf?: number | null;
  /** When the answer was there (`performance.now()`): its age is that of this moment. */
  answeredAt: number;
  /** What is wrong with the databases at the moment, where that matters to the answer. */
  degraded?: 'primary-down' | 'follower-down';
  /** Milliseconds spent waiting for a follower to reach the token. */
  waitMs: number;
  /** Milliseconds spent on the server, retries included. */
  databaseMs: number;
}

/**
 * One request's (or one job's) dealings with the two databases: what its client demands, what it has seen, and how its
 * reads were served. The routing writes it, the edge shows it in headers and in the log line.
 */
export class RequestReads {
  demand: ReadDemand = {};
  /** What the client has seen; its answers must hold it. */
  token: WalPosition | undefined;
  /** Whether the client's token belongs to another history, so that it counts for nothing. */
  isReset = false;
  /** Of the last read; of several the earliest moment and the sums of the times. */
  served: ServedRead | undefined;
  /** The latest position that the request itself has written: its own reads must hold that, too. */
  private written: WalPosition | undefined;
  /** The latest position that the request has read from or written to. */
  private newest: WalPosition | undefined;

  /** Whether the client takes part in the protocol, and so says itself what it has seen. */
  get isExplicit(): boolean {
    return this.mustHold !== undefined || this.isReset || this.demand.preference !== undefined;
  }

  /** What its reads must hold: what its client had seen before it, and what it has written itself. */
  get mustHold(): WalPosition | undefined {
    return later(this.token, this.written);
  }

  /** The token that the answer carries: everything the client has seen, this answer included. */
  get answerToken(): string | undefined {
    const seen = later(this.token, this.newest);
    return seen && tokenOf(seen);
  }

  /**
   * How old the answer may have been when the last server gave it, in milliseconds: 0 from the primary, undefined where no
   * bound is known.
   */
  get stalenessMs(): number | undefined {
    if (this.served === undefined) return undefined;
    const { asOf, answeredAt } = this.served;
    if (asOf === null) return undefined;
    return asOf === undefined ? 0 : answeredAt - asOf;
  }

  noteSeen(position: WalPosition | undefined): void {
    this.newest = later(this.newest, position);
  }

  noteWritten(position: WalPosition | undefined): void {
    this.written = later(this.written, position);
    this.noteSeen(position);
  }

  noteServed(read: ServedRead): void {
    const before = this.served;
    if (before === undefined) {
      this.served = read;
      return;
    }
    this.served = {
      ...read,
      degraded: read.degraded ?? before.degraded,
      asOf: earlier(before.asOf, read.asOf),
      waitMs: before.waitMs + read.waitMs,
      databaseMs: before.databaseMs + read.databaseMs,
    };
  }
}

function earlier(a: number | null | undefined, b: number | null | undefined): number | null | undefined {
  if (a === null || b === null) return null;
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

const READS = Symbol('reads');

/** The reads of the request or job at hand; undefined at start-up and in background loops. */
export function requestReads(): RequestReads | undefined {
  const context = currentContext() as (RequestContext & { [READS]?: RequestReads }) | undefined;
  if (context === undefined) return undefined;
  context[READS] ??= new RequestReads();
  return context[READS];
}

/**
 * Takes over what a client sends along with its request.
 *
 * @param token the text of an earlier answer's token.
 * @param preference as `parseReadPreference` takes it.
 * @throws DomainError `invalid_consistency_token`, `invalid_read_preference`.
 */
export function demandOfReads(token: string | undefined, preference: string | undefined): void {
  const reads = requestReads();
  if (reads === undefined) return;
  if (token !== undefined) reads.token = remembered(tokens, token, parseToken);
  if (preference !== undefined) reads.demand = remembered(preferences, preference, parseReadPreference);
}

const MOST_REMEMBERED = 1_000;
const tokens = new Map<string, WalPosition>();
const preferences = new Map<string, ReadDemand>();

/** Clients send the same text again and again; what is not well-formed is parsed, and refused, each time. */
function remembered<T>(known: Map<string, T>, text: string, parse: (text: string) => T): T {
  let parsed = known.get(text);
  if (parsed === undefined) {
    parsed = parse(text);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(text, parsed);
  }
  return parsed;
}

let latest: { position: WalPosition; token: string } | undefined;

/** Answers that share a position share its text. */
function tokenOf(position: WalPosition): string {
  if (latest?.position !== position) latest = { position, token: formatToken(position) };
  return latest.token;
}
