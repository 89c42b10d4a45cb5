import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

const REGISTER = statement(
  'schedules.register',
  `INSERT INTO job_schedules (name, due_at) SELECT name, now() FROM unnest($1::text[]) AS name ON CONFLICT DO NOTHING`,
);
const HOLD = statement(
  'schedules.hold',
  `UPDATE job_schedules SET held_by = $2, held_until = now() + make_interval(secs => $3)
   WHERE name = ANY($1::text[]) AND due_at <= now() AND (held_until IS NULL OR held_until < now()) RETURNING name`,
);
const EXTEND = statement(
  'schedules.extend',
  `UPDATE job_schedules SET held_until = now() + make_interval(secs => $3) WHERE name = $1 AND held_by = $2`,
);
const RELEASE = statement(
  'schedules.release',
  `UPDATE job_schedules SET held_by = NULL, held_until = NULL, due_at = now() + make_interval(secs => $3)
   WHERE name = $1 AND held_by = $2`,
);

/** The rows that say when each schedule is due and who runs it. */
@Injectable()
export class ScheduleHoldsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async register(names: readonly string[]): Promise<void> {
    await this.primary.query(REGISTER, [names]);
  }

  async hold(names: readonly string[], holder: string, seconds: number): Promise<string[]> {
    return (await this.primary.query<{ name: string }>(HOLD, [names, holder, seconds])).map(({ name }) => name);
  }

  async extend(name: string, holder: string, seconds: number): Promise<void> {
    await this.primary.query(EXTEND, [name, holder, seconds]);
  }

  async release(name: string, holder: string, secondsToNext: number): Promise<void> {
    await this.primary.query(RELEASE, [name, holder, secondsToNext]);
  }
}
