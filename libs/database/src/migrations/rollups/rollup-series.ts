import { FOLDED_BELOW, PINNED } from './rollup-reads.js';

/** Of the zone at a moment three hours before: what clocks said there, less UTC. */
const offsetBefore = (local: string) => `((${local}::timestamptz - interval '3 hours')::timestamp
    - ((${local}::timestamptz - interval '3 hours') AT TIME ZONE 'UTC'))`;

/**
 * The moment at which a local day begins in the session's time zone. Where clocks are set back over midnight there are two
 * such moments, and the day begins with the first; where they are set forward over it, it begins with the change.
 */
const dayStart = (local: string) => {
  const earlier = `((${local} - ${offsetBefore(local)}) AT TIME ZONE 'UTC')`;
  return `least(${local}::timestamptz, CASE WHEN ${earlier}::timestamp = ${local} THEN ${earlier} END)`;
};

const flow = (active: string) => `CASE metric
      WHEN 'customers_created' THEN customers_created
      WHEN 'customers_deleted' THEN customers_deleted
      WHEN 'customers_total' THEN customers_created - customers_deleted
      WHEN 'accounts_created' THEN accounts_created
      WHEN 'accounts_deleted' THEN accounts_deleted
      WHEN 'accounts_total' THEN accounts_created - accounts_deleted
      WHEN 'accounts_active' THEN ${active} END`;

const flowsOf = (minutes: number, from: string, to: string) =>
  `(SELECT coalesce(sum(${flow('accounts_active')}), 0) FROM public.flow_totals WHERE organization_id = wanted
        AND minutes = ${minutes} AND starts_at >= ${from} AND starts_at < ${to})`;

/** What lies between two times, negative where the second is the earlier. */
const between = (minutes: number, from: string, to: string) =>
  `(CASE WHEN ${from} = ${to} THEN 0 ELSE sign(extract(epoch FROM ${to} - ${from}))
        * ${flowsOf(minutes, `least(${from}, ${to})`, `greatest(${from}, ${to})`)} END)`;

/**
 * One point for each whole interval that has a part in the range, zeros too. Flows are sums over the interval, the rest is
 * the value at its end: the present one less what came after. Whole UTC days are taken as they are; from a boundary to the
 * midnight that is nearest to it lead at most two quarters, three hours and two spans of six. So the cost is that of the
 * points, not that of the rows.
 */
const SERIES = `CREATE FUNCTION rollups_series(
  wanted integer, metric text, unit text, zone text, from_text text, to_text text, most integer)
RETURNS TABLE (start timestamp, value bigint)
${PINNED} SET TimeZone = 'UTC' AS $body$
#variable_conflict use_column
DECLARE
  below xid8 := ${FOLDED_BELOW};
  step interval := ('1 ' || unit)::interval;
  is_total boolean := metric IN ('customers_total', 'accounts_total', 'accounts_active');
  ends timestamptz;
  starts timestamptz;
  first timestamp;
  last timestamp;
  bounds timestamp[];
  midnights timestamp[];
  present bigint := 0;
BEGIN
  PERFORM set_config('TimeZone', zone, true);
  ends := CASE WHEN to_text IS NULL THEN now() WHEN length(to_text) = 10 THEN ${dayStart('to_text::timestamp')}
    ELSE to_text::timestamptz END;
  last := (ends - interval '1 microsecond')::timestamp;
  starts := CASE WHEN from_text IS NULL THEN ${dayStart(`(date_trunc('day', last) - interval '29 days')`)}
    WHEN length(from_text) = 10 THEN ${dayStart('from_text::timestamp')} ELSE from_text::timestamptz END;
  IF starts >= ends THEN
    RAISE EXCEPTION 'from must be before to' USING ERRCODE = 'TDR01';
  END IF;
  first := date_trunc(unit, starts::timestamp);
  last := date_trunc(unit, last);
  IF extract(epoch FROM last - first) / extract(epoch FROM step) + 1 > most THEN
    RAISE EXCEPTION 'More than % points', most USING ERRCODE = 'TDR02';
  END IF;
  -- A day that a zone has left out begins when the next one does, and is none.
  SELECT array_agg(DISTINCT ${dayStart('local')} AT TIME ZONE 'UTC') INTO bounds
  FROM generate_series(first, last + step, step) AS local;
  IF EXISTS (SELECT FROM unnest(bounds) AS at WHERE at <> date_bin('15 minutes', at, timestamp '2000-01-01')) THEN
    RAISE EXCEPTION 'Not at a quarter of an hour' USING ERRCODE = 'TDR03';
  END IF;
  SELECT array_agg(date_trunc('day', at + interval '12 hours') ORDER BY at) INTO midnights FROM unnest(bounds) AS at;
  IF metric = 'accounts_active' THEN
    present := (SELECT accounts FROM public.status_totals WHERE organization_id = wanted AND status = 'active');
  ELSIF is_total THEN
    present := (SELECT CASE metric WHEN 'customers_total' THEN customers ELSE accounts END
      FROM public.organization_totals WHERE organization_id = wanted);
  END IF;
  RETURN QUERY
  WITH tail AS MATERIALIZED (
    SELECT width_bucket(bucket, bounds) AS k, sum(${flow(`CASE WHEN status = 'active' THEN accounts ELSE 0 END`)}) AS flow
    FROM public.rollup_deltas WHERE transaction >= below AND organization_id = wanted GROUP BY 1
  ), days AS (
    SELECT width_bucket(starts_at, midnights) AS k, sum(${flow('accounts_active')}) AS flow
    FROM public.flow_totals
    WHERE organization_id = wanted AND minutes = 1440 AND starts_at >= midnights[1]
      AND starts_at <= CASE WHEN is_total THEN 'infinity' ELSE midnights[cardinality(midnights)] - interval '1 microsecond' END
    GROUP BY 1
  ), parts AS MATERIALIZED (
    SELECT k::int, ${between(360, 'midnight', 'sixth')} + ${between(60, 'sixth', 'hour')}
      + ${between(15, 'hour', 'at')} AS flow
    FROM unnest(bounds, midnights) WITH ORDINALITY AS bound (at, midnight, k), LATERAL (
      SELECT date_bin('6 hours', at + interval '3 hours', timestamp '2000-01-01') AS sixth,
        date_trunc('hour', at + interval '29 minutes') AS hour
    ) AS nearest
    WHERE at <> midnight
  ), flows AS (
    SELECT k, sum(flow) AS flow
    FROM (
      SELECT k, flow FROM tail UNION ALL SELECT k, flow FROM days
      UNION ALL SELECT k, -flow FROM parts UNION ALL SELECT k - 1, flow FROM parts
    ) AS part
    GROUP BY 1
  ), points AS (
    SELECT k, coalesce(flow, 0) AS flow,
      coalesce(sum(flow) OVER (ORDER BY k DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
    FROM generate_series(1, cardinality(bounds)) AS k LEFT JOIN flows USING (k)
  )
  SELECT bounds[k], CASE WHEN is_total
    THEN coalesce(present, 0) + (SELECT coalesce(sum(flow), 0) FROM tail) - later ELSE flow END::bigint
  FROM points WHERE k < cardinality(bounds) ORDER BY k;
END $body$`;

export const CREATE_SERIES: readonly string[] = [SERIES];
