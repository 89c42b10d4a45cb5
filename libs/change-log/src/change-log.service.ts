import { Configuration } from '@app/config';
import { DomainError } from '@app/errors';
import { Inject, Injectable } from '@nestjs/common';
import { ChangeLogQueries, type EventRow, type LogState, type LostRow } from './change-log.queries.js';
import {
  decodeEventCursor,
  type EventCursor,
  encodeEventCursor,
  invalidCursor,
  isBehind,
  type Place,
} from './event-cursor.js';
import { type EventFilter, isWanted, kindsOf } from './event-filter.js';

export interface LoggedEvent {
  /** Of this event: reading goes on behind it. */
  cursor: string;
  type: string;
  entity: string;
  entityId: string;
  /** The event as the API answers it. */
  json: string;
}

export interface ReadOptions extends EventFilter {
  /** A cursor; without one reading begins with the oldest event that is served. */
  after?: string;
  /** The cursor comes from an answer of the log and not from a client, so it is not looked at whether it lies ahead. */
  isTrusted?: boolean;
  limit: number;
}

export interface EventPage {
  events: LoggedEvent[];
  /** Where to go on, even when nothing is left. */
  nextCursor: string;
  hasMore: boolean;
}

const DAY_SECONDS = 86_400;
const BEGINNING: Place = { epoch: 0, xid: 0n, seq: 0n };

/**
 * What has happened in an organization, in order: every committed change once, none missing, whichever server answers. An
 * event appears when every transaction that could still come before it has ended, so a long one delays the log and never
 * tears a hole into it.
 */
@Injectable()
export class ChangeLogService {
  private readonly days: number;

  constructor(
    private readonly queries: ChangeLogQueries,
    @Inject(Configuration) { changeLog }: Configuration,
  ) {
    this.days = changeLog.apiDays;
  }

  /**
   * @throws DomainError `invalid_cursor`, also for one that lies ahead of the log; `cursor_reset` where the database has
   * another history than when the cursor was given, `cursor_expired` where something behind it is no longer served: both
   * with the cursor from which to go on.
   */
  async read(organizationId: number, options: ReadOptions): Promise<EventPage> {
    const after = options.after === undefined ? undefined : decodeEventCursor(options.after);
    const rows = await this.queries.read(
      organizationId,
      after ?? BEGINNING,
      options.limit + 1,
      this.days,
      options,
      kindsOf(options),
    );
    const [state] = rows;
    if (state === undefined) throw new Error('The change log told no state');
    if (after !== undefined) {
      if (!options.isTrusted && isAhead(after, state)) await this.assertGiven(after);
      if (after.current < state.current) throw reset(after, state);
      if (after.at < Number(state.now) - (this.days - 1) * DAY_SECONDS)
        await this.assertNothingLost(organizationId, after);
    }
    return pageOf(rows, after, options);
  }

  /** A cursor behind everything that is there; what is still open at the moment comes behind it. */
  async now(organizationId: number): Promise<string> {
    const state = await this.queries.state(organizationId);
    if (state === undefined) throw new Error('The change log told no state');
    return encodeEventCursor(horizonOf(state));
  }

  /** Below 0 where the first of two cursors lies before the second, 0 at the same place. @throws DomainError `invalid_cursor` */
  compare(one: string, other: string): number {
    const [a, b] = [decodeEventCursor(one), decodeEventCursor(other)];
    if (isBehind(a, b)) return 1;
    return isBehind(b, a) ? -1 : 0;
  }

  /** A follower may be behind the server that gave a cursor; the primary is not. */
  private async assertGiven(after: EventCursor): Promise<void> {
    const state = await this.queries.stateOfPrimary();
    if (state === undefined) return;
    if (after.current < state.current) throw reset(after, state);
    if (isAhead(after, state)) throw invalidCursor();
  }

  private async assertNothingLost(organizationId: number, after: EventCursor): Promise<void> {
    const row = await this.queries.lost(organizationId, after, this.days);
    if (!row?.lost) return;
    const first = row.epoch === null ? horizonOf(row) : cursorOf(row, row.current);
    const nextCursor = encodeEventCursor(first);
    throw new DomainError('cursor_expired', `Events are served for ${this.days} days, and this cursor is older`, {
      nextCursor,
    });
  }
}

function isAhead({ current, epoch, xid }: EventCursor, state: LogState): boolean {
  return current > state.current || (epoch === state.current && xid > BigInt(state.horizon));
}

/** Everything before it is settled; transactions that were open at the time come behind it. */
function horizonOf({ current, horizon, now }: LogState): EventCursor {
  return { current, epoch: current, xid: BigInt(horizon), seq: 0n, at: Number(now) };
}

function reset(after: EventCursor, { current }: LogState): DomainError {
  // Whatever this history has written since has a later epoch, so the same place misses none of it.
  const nextCursor = encodeEventCursor({ ...after, current });
  return new DomainError(
    'cursor_reset',
    'The database has been replaced or restored since this cursor was given: changes told then may be lost. Compare, then go on from next_cursor',
    { nextCursor },
  );
}

function pageOf(rows: EventRow[], after: EventCursor | undefined, { limit, ...filter }: ReadOptions): EventPage {
  const [state] = rows as [EventRow];
  const found = rows.filter((row) => row.epoch !== null);
  const shown = found.slice(0, limit);
  const current = Math.max(state.current, after?.current ?? 0);
  const cursors = shown.map((row) => cursorOf(row, current));
  const events = shown.map(({ type, entity, entity_id: entityId, json }, index) => {
    const cursor = encodeEventCursor(cursors[index] as EventCursor);
    return { cursor, type, entity, entityId, json: `{"cursor":"${cursor}",${json}` };
  });
  const hasStopped = typeof state.until_epoch === 'number';
  const end = found.length > limit ? cursors.at(-1) : hasStopped ? untilOf(state, current) : horizonOf(state);
  return {
    events: events.filter((event) => isWanted(filter, event)),
    // A follower may not have heard of the epoch yet that the cursor was given in.
    nextCursor: encodeEventCursor({ ...furthest(end ?? horizonOf(state), after), current }),
    hasMore: found.length > limit || hasStopped,
  };
}

function cursorOf({ epoch, xid, seq, at }: EventRow | LostRow, current: number): EventCursor {
  return { current, epoch: epoch ?? 0, xid: BigInt(xid), seq: BigInt(seq), at: Number(at) };
}

function untilOf({ until_epoch, until_xid, until_seq, until_at }: EventRow, current: number): EventCursor {
  return {
    current,
    epoch: until_epoch ?? 0,
    xid: BigInt(until_xid ?? 0),
    seq: BigInt(until_seq ?? 0),
    at: Number(until_at ?? 0),
  };
}

/** A follower may not be as far as the server that gave the cursor. */
function furthest(end: EventCursor, after: EventCursor | undefined): EventCursor {
  return after !== undefined && isBehind(after, end) ? after : end;
}
