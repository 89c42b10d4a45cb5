import { PrimaryDatabase, ReadRouter, type Statement, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import { EVENT_JSON, LOG_STATE } from './event.sql.js';
import type { Place } from './event-cursor.js';
import type { EventFilter, EventKinds } from './event-filter.js';

/** Rows that a filtered read looks at before it answers what it has found so far. */
const MOST_LOOKED_AT = 5_000;
/**
 * Without a cursor reading begins at the days that are served. A cursor of its answer may be a little older when it is used: it is
 * refused an hour later, and what is read goes back further still, since time passes between the check and the read.
 */
const REFUSED_AFTER = `interval '1 hour'`;
const READ_BACK = `interval '2 hours'`;

const BEHIND = '(e.epoch, e.xid, e.seq) > ($2::int, $3::bigint, $4::bigint)';
/** Nothing can appear below it any more: every transaction that could write there has ended. */
const SETTLED = '(e.epoch, e.xid) < (log.current, log.horizon)';
const KEPT = `e.logged_at > now() - make_interval(days => $6) - CASE WHEN $2::int = 0 THEN interval '0' ELSE ${READ_BACK} END`;
const LOGGED_AT = 'floor(extract(epoch FROM e.logged_at))::bigint';
const COLUMNS = `e.epoch, e.xid, e.seq, ${LOGGED_AT} AS at, e.type, e.entity, e.entity_id,
  ${EVENT_JSON} AS json`;

const BEHIND_AND_SETTLED = `e.organization_id = $1 AND ${BEHIND} AND ${SETTLED} AND ${KEPT}`;

/** One row at least, for the state of the log; its event is NULL where there is none. */
const READ = statement(
  'read-events',
  `WITH log AS MATERIALIZED (${LOG_STATE})
   SELECT log.*, e.* FROM log LEFT JOIN LATERAL (
     SELECT ${COLUMNS} FROM events e WHERE ${BEHIND_AND_SETTLED} ORDER BY e.epoch, e.xid, e.seq LIMIT $5) e ON true`,
);
const READ_OF_ENTITY = statement(
  'read-events-of-entity',
  `WITH log AS MATERIALIZED (${LOG_STATE})
   SELECT log.*, e.* FROM log LEFT JOIN LATERAL (
     SELECT ${COLUMNS} FROM events e WHERE ${BEHIND_AND_SETTLED} AND e.entity = $7 AND e.entity_id = $8
     ORDER BY e.epoch, e.xid, e.seq LIMIT $5) e ON true`,
);
/** The inner limit comes before the filter: else the planner, expecting few rows, reads and sorts the whole log for them. */
const READ_OF_KINDS = statement(
  'read-events-of-kinds',
  `WITH log AS MATERIALIZED (${LOG_STATE}), until AS MATERIALIZED (
     SELECT e.epoch AS until_epoch, e.xid AS until_xid, e.seq AS until_seq, ${LOGGED_AT} AS until_at
     FROM log, events e
     WHERE ${BEHIND_AND_SETTLED} ORDER BY e.epoch, e.xid, e.seq OFFSET ${MOST_LOOKED_AT - 1} LIMIT 1)
   SELECT log.*, e.*, until.* FROM log LEFT JOIN until ON true LEFT JOIN LATERAL (
     SELECT ${COLUMNS} FROM (
       SELECT * FROM events e WHERE ${BEHIND_AND_SETTLED} ORDER BY e.epoch, e.xid, e.seq LIMIT ${MOST_LOOKED_AT}) e
     WHERE (e.type = ANY ($7) OR e.entity = ANY ($8)) AND ($9::text IS NULL OR e.entity = $9)
     ORDER BY e.epoch, e.xid, e.seq LIMIT $5) e ON true`,
);
const STATE = statement('change-log-state', LOG_STATE);
/** Right after a promotion nothing may have noticed it yet. */
const ENSURE_EPOCH = statement('change-log-ensure-epoch', 'SELECT change_log_ensure_epoch()');
/**
 * Whether something behind a cursor is gone, or too old to be told; and the first place from which all is told. Of the
 * dropped partitions only the last place is known, so a cursor before it is taken for one that misses something.
 */
const LOST = statement(
  'change-log-lost',
  `WITH log AS MATERIALIZED (${LOG_STATE})
   SELECT log.*,
     EXISTS (SELECT FROM change_log_dropped e WHERE ${BEHIND})
       OR EXISTS (SELECT FROM events e WHERE e.organization_id = $1 AND ${BEHIND} AND ${SETTLED}
            AND e.logged_at <= now() - make_interval(days => $5) - ${REFUSED_AFTER}) AS lost,
     first.epoch, first.xid, first.seq, first.at
   FROM log LEFT JOIN LATERAL (
     SELECT e.epoch, e.xid, e.seq - 1 AS seq, ${LOGGED_AT} AS at FROM events e
     WHERE e.organization_id = $1 AND ${SETTLED} AND e.logged_at > now() - make_interval(days => $5)
     ORDER BY e.epoch, e.xid, e.seq LIMIT 1) first ON true`,
);

export interface LogState {
  current: number;
  horizon: string;
  /** Of the server, in seconds since 1970. */
  now: string;
}

export interface EventRow extends LogState {
  epoch: number | null;
  xid: string;
  seq: string;
  at: string;
  type: string;
  entity: string;
  entity_id: string;
  json: string;
  /** Where a filtered read stopped looking. */
  until_epoch?: number | null;
  until_xid?: string;
  until_seq?: string;
  until_at?: string;
}

export interface LostRow extends LogState {
  lost: boolean;
  epoch: number | null;
  xid: string;
  seq: string;
  at: string;
}

/** Reads of the change log, from a follower where possible: below its own oldest open transaction it misses nothing. */
@Injectable()
export class ChangeLogQueries {
  constructor(
    private readonly router: ReadRouter,
    private readonly primary: PrimaryDatabase,
  ) {}

  read(
    organizationId: number,
    after: Place,
    limit: number,
    days: number,
    filter: EventFilter,
    kinds: EventKinds | null,
  ) {
    const common = [organizationId, after.epoch, after.xid, after.seq, limit, days];
    const { entity, entityId } = filter;
    // Whoever asks for one entity's kinds gets few rows anyway; the service sifts them.
    if (entityId !== undefined)
      return this.query<EventRow>(organizationId, READ_OF_ENTITY, [...common, entity, entityId]);
    if (kinds === null && entity === undefined) return this.query<EventRow>(organizationId, READ, common);
    const { types, entities } = kinds ?? { types: [], entities: [entity] };
    return this.query<EventRow>(organizationId, READ_OF_KINDS, [...common, types, entities, entity ?? null]);
  }

  async state(organizationId: number): Promise<LogState | undefined> {
    return (await this.query<LogState>(organizationId, STATE, []))[0];
  }

  /** As the primary has it, which no other server is ahead of; undefined where it does not answer. */
  async stateOfPrimary(): Promise<LogState | undefined> {
    try {
      await this.primary.query(ENSURE_EPOCH);
      return (await this.primary.query<LogState>(STATE))[0];
    } catch {
      return undefined;
    }
  }

  async lost(organizationId: number, after: Place, days: number): Promise<LostRow | undefined> {
    const values = [organizationId, after.epoch, after.xid, after.seq, days];
    return (await this.query<LostRow>(organizationId, LOST, values))[0];
  }

  private query<Row extends object>(organizationId: number, asked: Statement, values: unknown[]): Promise<Row[]> {
    return this.router.read({ preference: 'follower-preferred', organizationId }, (session) =>
      session.query<Row>(asked, values.map(asParameter)),
    );
  }
}

function asParameter(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
