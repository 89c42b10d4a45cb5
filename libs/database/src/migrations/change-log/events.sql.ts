/**
 * The log: one row for each change of a row that an organization sees, written by triggers in the change's own
 * transaction. Its place in the log is (epoch, xid, seq); docs/change-log.md says why. Partitioned by the clock, so
 * that what is too old is dropped and not deleted. No foreign key: the log outlives what it tells of.
 */
export const EVENTS = `CREATE TABLE events (
  organization_id integer NOT NULL,
  epoch integer NOT NULL,
  xid bigint NOT NULL,
  transaction bigint NOT NULL,
  seq bigint NOT NULL DEFAULT nextval('events_seq'),
  type text NOT NULL,
  entity text NOT NULL,
  entity_id text NOT NULL,
  actor json NOT NULL,
  request_id text,
  occurred_at timestamptz NOT NULL,
  logged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  restores timestamptz,
  moved boolean NOT NULL DEFAULT false,
  before json,
  after json
) PARTITION BY RANGE (logged_at)`;

export const EVENT_INDEXES = [
  'CREATE INDEX events_place_idx ON events (organization_id, epoch, xid, seq)',
  'CREATE INDEX events_entity_idx ON events (entity_id, entity, organization_id)',
];

/** Takes what no other partition does, so that no write ever fails for the want of one. */
export const DEFAULT_PARTITION = 'CREATE TABLE events_default PARTITION OF events DEFAULT';

/** Tells apart what one transaction changed. Where two wait for each other's row, the later change has the higher number. */
export const SEQUENCE = 'CREATE SEQUENCE events_seq';

/** What is left of the oldest partitions: the last place that was dropped. */
export const DROPPED = `CREATE TABLE change_log_dropped (
  epoch integer NOT NULL,
  xid bigint NOT NULL,
  seq bigint NOT NULL,
  logged_before timestamptz NOT NULL,
  dropped_at timestamptz NOT NULL DEFAULT now()
)`;

/**
 * The histories that the log has lived through: each promotion and each restored copy begins one. A copy made by pg_dump is
 * known by the log's own oid, which is another one there.
 */
export const EPOCHS = `CREATE TABLE change_log_epochs (
  epoch integer PRIMARY KEY,
  system_id text NOT NULL,
  timeline text NOT NULL,
  relation oid NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now()
)`;

/** Of a primary: the first eight digits of the name of the file that it writes. */
const TIMELINE = 'substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)';

/** SQL: whether the epoch at hand is another history's. Cheap enough for every statement; the system's id is not. */
export function isOtherHistory(epoch: string): string {
  return `${epoch}.timeline <> ${TIMELINE} OR ${epoch}.relation <> 'public.events'::regclass`;
}

/**
 * The number of an epoch that begins now: tens of seconds since 1970, so that two histories that went on from the same one, as of two
 * followers or of a dump restored twice, have different ones.
 */
const NEXT_EPOCH = `greatest(coalesce(latest.epoch, 0) + 1, (extract(epoch FROM clock_timestamp()) / 10)::int)`;

/** Among those who find that an epoch has to begin; any two numbers that nothing else locks. */
const EPOCH_LOCK = '1952542308, 6';

/**
 * Begins an epoch where this server's history is not the last epoch's, and answers the epoch that is current then. Of two
 * at once the second waits for the first. Safe to call at any time.
 */
export const ENSURE_EPOCH = `CREATE FUNCTION change_log_ensure_epoch() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here_system text := (SELECT system_identifier::text FROM pg_control_system());
  latest record;
  waited boolean := false;
BEGIN
  LOOP
    SELECT e.* INTO latest FROM public.change_log_epochs e ORDER BY e.epoch DESC LIMIT 1;
    IF latest.system_id = here_system AND NOT (${isOtherHistory('latest')}) THEN RETURN latest.epoch; END IF;
    IF NOT waited THEN
      PERFORM pg_advisory_xact_lock(${EPOCH_LOCK});
      waited := true;
      CONTINUE;
    END IF;
    INSERT INTO public.change_log_epochs (epoch, system_id, timeline, relation)
      VALUES (${NEXT_EPOCH}, here_system, ${TIMELINE}, 'public.events'::regclass) ON CONFLICT DO NOTHING;
  END LOOP;
END $$`;
