import type { Schedule } from './schedule.js';

const DAY_MS = 86_400_000;

/** How long it is until a schedule that has just run is due again, in milliseconds. */
export function nextDelay(rhythm: Schedule['rhythm'], now: Date): number {
  if ('everyMs' in rhythm) return rhythm.everyMs;
  const today = Date.parse(`${now.toISOString().slice(0, 10)}T${rhythm.dailyAt}:00Z`);
  const next = today > now.getTime() ? today : today + DAY_MS;
  return next - now.getTime();
}
