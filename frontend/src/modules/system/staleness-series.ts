import type { StalenessSample } from './system.api';

/** A bound in milliseconds at a time in milliseconds since 1970; null where none was known. */
export interface Point {
  at: number;
  ms: number | null;
}

export interface Series {
  follower: string;
  points: Point[];
}

/** Samples come once a second: where none came for this long, none was taken. */
const GAP_MS = 3_500;

/** The samples by follower, in the order in which the followers first appear, with a null where samples are missing. */
export function seriesOf(history: StalenessSample[]): Series[] {
  const byFollower = new Map<string, Point[]>();
  for (const sample of history) {
    const points = byFollower.get(sample.follower) ?? [];
    const at = Date.parse(sample.at);
    const last = points.at(-1);
    if (last && at - last.at > GAP_MS) points.push({ at: last.at + 1, ms: null });
    points.push({ at, ms: sample.staleness_ms });
    byFollower.set(sample.follower, points);
  }
  return [...byFollower].map(([follower, points]) => ({ follower, points }));
}

const MINUTE_MS = 60_000;

/** How far back the axis goes: as far as there is something, in whole minutes, one at least. */
export function spanOf(series: Series[]): { end: number; spanMs: number } {
  const times = series.flatMap(({ points }) => points.map(({ at }) => at));
  const end = times.reduce((latest, at) => Math.max(latest, at), Number.NEGATIVE_INFINITY);
  const start = times.reduce((earliest, at) => Math.min(earliest, at), end);
  return { end, spanMs: Math.max(1, Math.ceil((end - start) / MINUTE_MS)) * MINUTE_MS };
}

/** The highest bound of an interval and whether there were times in it without one; null where there were only such. */
export interface Slot {
  highest: number | null;
  isPartlyUnknown: boolean;
}

export interface SlotRow {
  start: number;
  slots: (Slot | null)[];
}

/** The series in intervals of `lengthMs`, the newest first; in each row a slot per series, null where nothing was measured. */
export function slotsOf(series: Series[], lengthMs: number): SlotRow[] {
  const rows = new Map<number, (Slot | null)[]>();
  series.forEach(({ points }, index) => {
    for (const { at, ms } of points) {
      const start = Math.floor(at / lengthMs) * lengthMs;
      const slots = rows.get(start) ?? series.map(() => null);
      slots[index] = withPoint(slots[index] ?? null, ms);
      rows.set(start, slots);
    }
  });
  return [...rows].sort(([a], [b]) => b - a).map(([start, slots]) => ({ start, slots }));
}

function withPoint(slot: Slot | null, ms: number | null): Slot {
  if (ms === null) return { highest: slot?.highest ?? null, isPartlyUnknown: true };
  return { highest: Math.max(ms, slot?.highest ?? 0), isPartlyUnknown: slot?.isPartlyUnknown ?? false };
}

/** The newest bound and the highest; null where there is none. */
export function summaryOf({ points }: Series): { now: number | null; most: number | null } {
  const known = points.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  const most = known.length === 0 ? null : known.reduce((highest, ms) => Math.max(highest, ms));
  return { now: points.at(-1)?.ms ?? null, most };
}
