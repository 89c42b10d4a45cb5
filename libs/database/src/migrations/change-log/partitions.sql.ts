const SECURE = 'SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp';

/** Any two numbers that nothing else locks: the letters `tand`, and 5. */
const LOCK = 'pg_advisory_xact_lock(1952542308, 5)';

/**
 * Makes the partitions of this week and the next ones, and of weeks of which events had to lie in the default partition;
 * answers how many. Where others are in the way it gives up within two seconds rather than let them wait behind it.
 */
const ENSURE = `CREATE FUNCTION change_log_ensure_partitions(ahead interval DEFAULT '4 weeks')
  RETURNS integer LANGUAGE plpgsql ${SECURE} SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  week timestamptz;
  name text;
  made integer := 0;
BEGIN
  PERFORM ${LOCK};
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

/**
 * Drops the partitions that hold nothing younger than the time, carrying what they say over into the opening balances;
 * answers how many. One that is dropped later than it could be harms nobody, so it gives up as easily.
 */
const DROP = `CREATE FUNCTION change_log_drop_partitions(before timestamptz)
  RETURNS integer LANGUAGE plpgsql ${SECURE} SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  week timestamptz;
  name text;
  seen integer[];
  touched integer[] := '{}';
  dropped integer := 0;
BEGIN
  PERFORM ${LOCK};
  FOR name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.events'::regclass AND c.relname ~ '^events_\\d{8}$' ORDER BY 1
  LOOP
    week := to_timestamp(right(name, 8), 'YYYYMMDD');
    EXIT WHEN week + interval '1 week' > before;
    EXECUTE format('SELECT array_agg(DISTINCT organization_id) FROM public.%I', name) INTO seen;
    touched := touched || coalesce(seen, '{}');
    PERFORM public.change_log_carry_forward(week, week + interval '1 week');
    EXECUTE format('INSERT INTO public.change_log_dropped (epoch, xid, seq, logged_before)
      SELECT epoch, xid, seq, $1 FROM public.%I ORDER BY epoch DESC, xid DESC, seq DESC LIMIT 1', name)
      USING week + interval '1 week';
    EXECUTE format('DROP TABLE public.%I', name);
    dropped := dropped + 1;
  END LOOP;
  PERFORM public.change_log_tell_balances(touched);
  RETURN dropped;
END $$`;

export const CREATE_PARTITION_FUNCTIONS: readonly string[] = [ENSURE, DROP];
