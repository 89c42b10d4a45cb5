import pg from 'pg';

/** Two ways to ask a follower for its age that are widely used and wrong, each as one question to the follower. */
export const WRONG_FORMULAS = {
  /** 0 as soon as everything received is replayed, whatever was not received. */
  receiveEqualsReplay: `SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000 END::float8 AS ms`,
  /** Grows while nothing is written. */
  lastTransaction: 'SELECT (extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000)::float8 AS ms',
};

/** Asks a follower by such a formula, for how old it is in milliseconds. */
export async function askFormula(followerUrl: string, formula: keyof typeof WRONG_FORMULAS): Promise<number> {
  const client = new pg.Client({ connectionString: followerUrl });
  await client.connect();
  const { rows } = await client.query(WRONG_FORMULAS[formula]).finally(() => client.end());
  return rows[0].ms;
}
