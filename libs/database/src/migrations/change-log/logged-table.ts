import { isOtherHistory } from './events.sql.js';

/** A table whose changes the log tells. Its key is `id`. */
export interface LoggedTable {
  table: string;
  /** What the log calls a row: `customer`. */
  entity: string;
  /** SQL for the organization that sees a row, of the row's alias; `alias.organization_id` unless told otherwise. */
  organization?: (row: string) => string;
  /** SQL for what GET of the entity answers, of the row's alias: text that never holds a secret and is never NULL. */
  json: (row: string) => string;
}

/** Who changes what nobody asked us to change: jobs of our own, and programs that write to the database themselves. */
const SYSTEM = `'{"type":"system","id":null,"name":null}'`;

/**
 * Statements that make the log tell every change of a table's rows: one function, and a trigger for each of INSERT, UPDATE
 * and DELETE (PostgreSQL wants them apart where they have transition tables). Cascades, COPY and direct SQL count as well
 * as our own statements; an UPDATE that leaves a row's JSON as it is tells nothing.
 */
export function logChangesOf(logged: LoggedTable): string[] {
  const { table } = logged;
  return [
    `CREATE FUNCTION log_${table}() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  stamp record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    ${takeStamp('new_rows')}
    ${insertInto(logged, inserted(logged))}
  ELSIF TG_OP = 'DELETE' THEN
    ${takeStamp('old_rows')}
    ${insertInto(logged, deleted(logged))}
  ELSE
    ${takeStamp('new_rows')}
    ${insertInto(logged, updated(logged))}
  END IF;
  RETURN NULL;
END $$`,
    trigger(table, 'INSERT', 'NEW TABLE AS new_rows'),
    trigger(table, 'UPDATE', 'OLD TABLE AS old_rows NEW TABLE AS new_rows'),
    trigger(table, 'DELETE', 'OLD TABLE AS old_rows'),
  ];
}

function trigger(table: string, event: string, rows: string): string {
  return `CREATE TRIGGER log_${table}_${event.toLowerCase()} AFTER ${event} ON ${table}
    REFERENCING ${rows} FOR EACH STATEMENT EXECUTE FUNCTION log_${table}()`;
}

/**
 * What all events of the statement share; for a statement that touched nothing the function ends here.
 *
 * `xid` is the transaction's own, or the youngest that had ended by now where that is younger. Whoever reads below the oldest
 * open transaction misses nothing with either; and since a row is changed only after those who changed it before have
 * ended, the changes of one row, and whatever else one could see of another, are in the log in the order in which they
 * happened. Its own alone would not do: a transaction may get its id long before it comes to the row.
 */
function takeStamp(rows: string): string {
  return `SELECT latest.epoch, latest.timeline, latest.relation,
        pg_current_xact_id()::text::bigint AS transaction,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1 AS youngest_ended,
        nullif(current_setting('tandem.context', true), '')::json AS context,
        nullif(current_setting('tandem.restores', true), '')::timestamptz AS restores,
        NULL::json AS actor, NULL::text AS request_id
      INTO stamp
      FROM (SELECT e.epoch, e.timeline, e.relation FROM public.change_log_epochs e ORDER BY e.epoch DESC LIMIT 1) latest
      WHERE EXISTS (SELECT FROM ${rows});
    IF NOT FOUND THEN RETURN NULL; END IF;
    IF ${isOtherHistory('stamp')} THEN stamp.epoch := public.change_log_ensure_epoch(); END IF;
    stamp.actor := coalesce(stamp.context -> 'actor', ${SYSTEM});
    stamp.request_id := stamp.context ->> 'request_id';`;
}

function inserted({ organization = ownColumn, json }: LoggedTable): string {
  return `SELECT ${organization('r')} AS organization_id, r.id, 'created' AS change, false AS moved, NULL::text AS before, ${json('r')} AS after
        FROM new_rows r`;
}

function deleted({ organization = ownColumn, json }: LoggedTable): string {
  return `SELECT ${organization('r')} AS organization_id, r.id, 'deleted' AS change, false AS moved, ${json('r')} AS before, NULL::text AS after
        FROM old_rows r`;
}

/** A row whose id or organization was changed is one that went and one that came. */
function updated({ organization = ownColumn, json }: LoggedTable): string {
  return `SELECT coalesce(n.organization_id, o.organization_id) AS organization_id, coalesce(n.id, o.id) AS id,
          CASE WHEN o.id IS NULL THEN 'created' WHEN n.id IS NULL THEN 'deleted' ELSE 'updated' END AS change,
          o.id IS NULL OR n.id IS NULL AS moved,
          o.json AS before, n.json AS after
        FROM (SELECT r.id, ${organization('r')} AS organization_id, ${json('r')} AS json FROM old_rows r) o
        FULL JOIN (SELECT r.id, ${organization('r')} AS organization_id, ${json('r')} AS json FROM new_rows r) n
          ON n.id = o.id AND n.organization_id = o.organization_id
        WHERE o.json IS DISTINCT FROM n.json`;
}

function insertInto({ entity }: LoggedTable, changes: string): string {
  return `INSERT INTO public.events (organization_id, epoch, xid, transaction, type, entity, entity_id, actor, request_id,
        occurred_at, restores, moved, before, after)
      SELECT c.organization_id, stamp.epoch, greatest(stamp.transaction, stamp.youngest_ended),
        stamp.transaction, '${entity}.' || c.change, '${entity}', c.id::text,
        stamp.actor, stamp.request_id, now(), stamp.restores, c.moved, c.before::json, c.after::json
      FROM (${changes}) c;`;
}

function ownColumn(row: string): string {
  return `${row}.organization_id`;
}
