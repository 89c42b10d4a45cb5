const DAY_MS = 86_400_000;
const FIRST_DAY = '0001-01-01';

/** The UTC day, `YYYY-MM-DD`, that lies `offset` days from the one of `now`. */
export function utcDay(now: Date, offset = 0): string {
  return new Date(now.getTime() + offset * DAY_MS).toISOString().slice(0, 10);
}

/** Whether a text is a day of the calendar written as `YYYY-MM-DD`, and not before the year 1. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < FIRST_DAY) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && utcDay(parsed) === text;
}
