import { jsonTime } from '@app/database';

/** Whose ids are numbers in the API; those of whatever is ours are strings. */
const NUMBERED = `'{customer,account,user,organization}'`;

/**
 * An event as the API has it, but for the cursor in front: that depends on when it is read. `before` and `after` are the
 * bytes that were logged.
 */
export const EVENT_JSON = `'"type":"' || e.type || '","entity":"' || e.entity
  || '","entity_id":' || CASE WHEN e.entity = ANY (${NUMBERED}) THEN e.entity_id ELSE to_json(e.entity_id)::text END
  || ',"actor":' || e.actor || ',"request_id":' || coalesce(to_json(e.request_id)::text, 'null')
  || ',"occurred_at":"' || ${jsonTime(`(e.occurred_at AT TIME ZONE 'UTC')`)}
  || '","before":' || coalesce(e.before::text, 'null') || ',"after":' || coalesce(e.after::text, 'null') || '}'`;

/** What every statement on the log goes by: the current epoch, and below which transaction nothing can come any more. */
export const LOG_STATE = `SELECT (SELECT max(epoch) FROM change_log_epochs) AS current,
  pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon, floor(extract(epoch FROM now()))::bigint AS now`;
