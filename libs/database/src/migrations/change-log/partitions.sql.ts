/** The parts that a partition of one week is made of: what lies in the default partition for that week moves in. */
export const ENSURE_PARTITIONS = `CREATE FUNCTION change_log_ensure_partitions(ahead interval DEFAULT '4 weeks')
  RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  week timestamptz;
  name text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(1952542308, 5);
  FOR week IN
    SELECT generate_series(date_trunc('week', now()), now() + ahead, '1 week')
    UNION SELECT DISTINCT date_trunc('week', logged_at) FROM public.events_default ORDER BY 1
  LOOP
    name := 'events_' || to_char(week, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.events INCLUDING DEFAULTS)', name);
    IF EXISTS (SELECT FROM public.events_default WHERE logged_at >= week AND logged_at < week + interval '1 week') THEN
      LOCK TABLE public.events_default IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('WITH moved AS (DELETE FROM public.events_default WHERE logged_at >= $1 AND logged_at < $2 RETURNING *)
        INSERT INTO public.%I SELECT * FROM moved', name) USING week, week + interval '1 week';
    END IF;
    EXECUTE format('ALTER TABLE public.events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
      name, week, week + interval '1 week');
    made := made + 1;
  END LOOP;
  RETURN made;
END $$`;
