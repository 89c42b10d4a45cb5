import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { PatientClient } from './patient-client.js';

const PAUSE_MS = 400;
const DAY_MS = 86_400_000;

/** A job that was accepted, and what it must have done once. */
interface Accepted {
  id: string;
  /** An aggregate's day. */
  date?: string;
  /** An import's addresses. */
  emails?: string[];
}

/** Asks for aggregates and imports, each with a key that makes asking again safe, and remembers what was accepted. */
export class JobAsker {
  readonly accepted: Accepted[] = [];
  private turn = 0;

  constructor(
    private readonly client: PatientClient,
    private readonly organizationId: number,
    private readonly importRows: number,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.turn += 1;
      if (this.turn % 4 === 0) await this.askForImport();
      else await this.askForAggregate();
      await sleep(PAUSE_MS);
    }
  }

  /** A day of its own for each, so that the times it was stored can be counted. */
  private async askForAggregate(): Promise<void> {
    const date = new Date(Date.parse('2020-01-01') + this.turn * DAY_MS).toISOString().slice(0, 10);
    const id = await this.ask('/api/jobs', { json: { type: 'aggregate', date } });
    this.accepted.push({ id, date });
  }

  private async askForImport(): Promise<void> {
    const emails = Array.from(
      { length: this.importRows },
      (_, row) => `import-${this.organizationId}-${this.turn}-${row}@example.com`,
    );
    const body = `name,email\n${emails.map((email) => `Imported,${email}`).join('\n')}\n`;
    const headers = { 'content-type': 'text/csv' };
    const id = await this.ask('/api/imports?entity=customers', { body, headers });
    this.accepted.push({ id, emails });
  }

  private async ask(path: string, call: { json?: object; body?: string; headers?: object }): Promise<string> {
    const headers = { ...call.headers, 'idempotency-key': randomUUID() };
    const answer = await this.client.insist('POST', path, { ...call, headers });
    if (answer.status !== 202) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return answer.json<{ id: string }>().id;
  }

  /** Resolves with what accepted jobs did not do, or did more than once, when all have ended or time is over. */
  async shortfalls(sql: pg.Pool, limitMs: number): Promise<{ lost: string[]; doubled: string[] }> {
    const lost: string[] = [];
    const doubled: string[] = [];
    const deadline = performance.now() + limitMs;
    for (const job of this.accepted) {
      const state = await this.finalState(job.id, deadline);
      const { least, most } = await timesDone(sql, this.organizationId, job);
      if (state !== 'completed') lost.push(`job ${job.id} is ${state}`);
      if (least < 1) lost.push(`job ${job.id}: an effect is missing`);
      if (most > 1) doubled.push(`job ${job.id}: an effect is there ${most} times`);
    }
    return { lost, doubled };
  }

  private async finalState(id: string, deadline: number): Promise<string> {
    for (;;) {
      const job = (await this.client.insist('GET', `/api/jobs/${id}`)).json<{ state: string; error: unknown }>();
      if (['completed', 'failed', 'cancelled'].includes(job.state))
        return `${job.state}${job.error ? JSON.stringify(job.error) : ''}`;
      if (performance.now() > deadline) return job.state;
      await sleep(200);
    }
  }
}

/** Makes the database note each time that a day is stored, in transactions that committed. */
export async function countStoredDays(sql: pg.Pool): Promise<void> {
  await sql.query(`CREATE TABLE stored_days (organization_id int, date date);
    CREATE FUNCTION note_stored_day() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO stored_days VALUES (NEW.organization_id, NEW.date); RETURN NULL; END $$;
    CREATE TRIGGER note_stored_day AFTER INSERT OR UPDATE ON daily_aggregates
      FOR EACH ROW EXECUTE FUNCTION note_stored_day()`);
}

async function timesDone(sql: pg.Pool, organizationId: number, { date, emails }: Accepted) {
  const { rows } =
    date === undefined
      ? await sql.query<{ least: number; most: number }>(
          `SELECT coalesce(min(least), 0)::int AS least, coalesce(max(most), 0)::int AS most FROM (
             SELECT least(count(c.id), count(e.seq)) AS least, greatest(count(DISTINCT c.id), count(DISTINCT e.seq)) AS most FROM unnest($2::text[]) AS wanted (address)
               LEFT JOIN customers c ON c.organization_id = $1 AND c.email = address
               LEFT JOIN events e ON e.organization_id = $1 AND e.entity = 'customer' AND e.type = 'customer.created'
                 AND e.after ->> 'email' = address
             GROUP BY address) AS by_email`,
          [organizationId, emails],
        )
      : await sql.query<{ least: number; most: number }>(
          'SELECT count(*)::int AS least, count(*)::int AS most FROM stored_days WHERE organization_id = $1 AND date = $2',
          [organizationId, date],
        );
  return rows[0] ?? { least: 0, most: 0 };
}
