import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { PatientClient } from './patient-client.js';

const PAUSE_MS = 100;
const PAGE = 200;

interface LoggedEvent {
  cursor: string;
  type: string;
  entity: string;
  entity_id: number | string;
  before: unknown;
  after: unknown;
}

/** Follows an organization's change log by its cursor through everything that happens. */
export class LogFollower {
  readonly events: LoggedEvent[] = [];
  private cursor: string | undefined;

  constructor(
    private readonly client: PatientClient,
    private readonly organizationId: number,
  ) {}

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) if (!(await this.turn())) await sleep(PAUSE_MS);
  }

  /** Reads on until nothing is left. */
  async finish(limitMs: number, sql: pg.Pool): Promise<void> {
    const deadline = performance.now() + limitMs;
    const { rows } = await sql.query('SELECT count(*)::int AS count FROM events WHERE organization_id = $1', [
      this.organizationId,
    ]);
    while (this.events.length < rows[0].count && performance.now() < deadline) {
      if (!(await this.turn())) await sleep(PAUSE_MS);
    }
    // What should not be there would come now.
    await this.turn();
  }

  /** What it missed, had twice or in the wrong order, against what is stored. */
  async faults(sql: pg.Pool): Promise<{ missing: string[]; doubled: string[]; disordered: string[] }> {
    const { rows } = await sql.query<{ type: string; id: string; after: string | null }>(
      `SELECT type, entity_id::text AS id, after::text AS after FROM events WHERE organization_id = $1`,
      [this.organizationId],
    );
    const stored = tally(
      rows.map(({ type, id, after }) => `${type} ${id} ${after && JSON.stringify(JSON.parse(after))}`),
    );
    const seen = tally(
      this.events.map(({ type, entity_id: id, after }) => `${type} ${id} ${after && JSON.stringify(after)}`),
    );
    const cursors = tally(this.events.map(({ cursor }) => cursor));
    return {
      missing: [...stored].filter(([event, count]) => (seen.get(event) ?? 0) < count).map(([event]) => event),
      doubled: [
        ...[...cursors].filter(([, count]) => count > 1).map(([cursor]) => cursor),
        ...[...seen].filter(([event, count]) => (stored.get(event) ?? 0) < count).map(([event]) => event),
      ],
      disordered: this.disordered(),
    };
  }

  /** Events of an entity that don't begin with what the one before ended with. */
  private disordered(): string[] {
    const last = new Map<string, string>();
    return this.events.flatMap(({ entity, entity_id: id, before, after, type }) => {
      const key = `${entity} ${id}`;
      const expected = last.get(key);
      last.set(key, JSON.stringify(after));
      const isRight = expected === undefined || expected === JSON.stringify(before);
      return isRight ? [] : [`${key}: ${type} begins with ${JSON.stringify(before)}, not ${expected}`];
    });
  }

  private async turn(): Promise<boolean> {
    const after = this.cursor === undefined ? '' : `&after=${encodeURIComponent(this.cursor)}`;
    const answer = await this.client.insist('GET', `/api/events?limit=${PAGE}${after}`);
    if (answer.status !== 200) throw new Error(`GET /api/events: ${answer.status} ${answer.text}`);
    const page = answer.json<{ events: LoggedEvent[]; next_cursor: string; has_more: boolean }>();
    this.events.push(...page.events);
    this.cursor = page.next_cursor;
    return page.has_more;
  }
}

function tally(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
