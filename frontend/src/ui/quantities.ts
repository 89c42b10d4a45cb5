/** Undefined: the browser's own language, as in locale.ts. */
const LOCALE = undefined;

const fine = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const coarse = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });

/** Symbols of units are the same in every language that the application is likely to be read in. */
const TIME_STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1_000 },
] as const;
const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'];
/** Below this a tenth of a second is worth showing. */
const FINE_BELOW_MS = 9_900;

/**
 * `0.3 s`, `12 s`, `4 min 3 s`, `1 h 5 min`, `3 d 2 h`: two units at most, never more exact than it helps. Below a minute
 * it is rounded up, because most durations shown are upper bounds.
 */
export function formatDuration(ms: number): string {
  if (ms < FINE_BELOW_MS) return `${fine.format(Math.ceil(Math.max(0, ms) / 100) / 10)} s`;
  if (ms < 60_000) return `${coarse.format(Math.ceil(ms / 1000))} s`;
  const step = TIME_STEPS.findIndex((one) => ms >= one.ms);
  const [larger, smaller] = [TIME_STEPS[step], TIME_STEPS[step + 1]];
  if (!larger) return '';
  const whole = `${coarse.format(Math.floor(ms / larger.ms))} ${larger.unit}`;
  const rest = smaller ? Math.floor((ms % larger.ms) / smaller.ms) : 0;
  return smaller && rest > 0 ? `${whole} ${coarse.format(rest)} ${smaller.unit}` : whole;
}

/** `0 bytes`, `512 bytes`, `1.2 kB`, `34 MB`: by thousands, as disks and networks count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${coarse.format(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length);
  const value = bytes / 1_000 ** power;
  return `${(value < 10 ? fine : coarse).format(value)} ${BYTE_UNITS[power - 1]}`;
}
