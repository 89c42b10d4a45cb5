import type { ChartDataset, ChartOptions, TooltipItem } from 'chart.js';
import { formatDuration } from '../../ui/quantities';
import { messages } from './messages';
import { type Series, summaryOf } from './staleness-series';

const MINUTE_MS = 60_000;
/** Not by colour alone: each line has a pattern too. The same as in the legend. */
const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3]];
/**
 * Seconds that the axis names. It is logarithmic: a follower that was lost yesterday must not press the line of one that
 * is a tenth of a second behind down to nothing.
 */
const MARKS = [0.1, 1, 10, 60, 600, 3_600, 36_000, 86_400, 864_000];
/** What a healthy follower is behind by between two looks at it says nothing, so nothing below is drawn. */
const LOWEST = 0.1;
const LEAST_TOP = 1;
const MAX_MINUTE_MARKS = 5;

export interface Colours {
  lines: string[];
  ink: string;
  grid: string;
  surface: string;
}

/** The theme's colours as the canvas needs them. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    lines: DASHES.map((_, index) => colour(`--series-${index}`)),
    ink: colour('--muted'),
    grid: colour('--line'),
    surface: colour('--surface'),
  };
}

/** Each follower as a line of seconds over milliseconds before `end`. */
export function datasetsOf(series: Series[], end: number, colours: Colours): ChartDataset<'line'>[] {
  return series.map(({ follower, points }, index) => {
    const kind = index % DASHES.length;
    const colour = colours.lines[kind] ?? '';
    return {
      label: follower,
      data: points.map(({ at, ms }) => ({ x: at - end, y: ms === null ? Number.NaN : Math.max(LOWEST, ms / 1000) })),
      borderColor: colour,
      backgroundColor: `${colour}22`,
      fill: series.length === 1 ? 'start' : false,
      borderDash: DASHES[kind],
      borderWidth: 2,
      pointRadius: 0,
      pointHitRadius: 0,
    };
  });
}

function tooltipText({ dataset, parsed }: TooltipItem<'line'>): string {
  return `${dataset.label}: ${formatDuration((parsed.y ?? 0) * 1000)}`;
}

const tickNumber = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const tickText = (seconds: number): string =>
  seconds < 60 ? `${seconds === LOWEST ? '≤ ' : ''}${tickNumber.format(seconds)} s` : formatDuration(seconds * 1000);
const timeText = (before: number): string => (before === 0 ? messages.now : `−${formatDuration(-before)}`);

/** The lowest mark that nothing is above. */
function topOf(series: Series[]): number {
  const highest = series.reduce((most, one) => Math.max(most, (summaryOf(one).most ?? 0) / 1000), LEAST_TOP);
  return MARKS.find((mark) => mark >= highest) ?? highest;
}

export function chartOptions(series: Series[], spanMs: number, { ink, grid, surface }: Colours): ChartOptions<'line'> {
  const minutesAMark = Math.max(1, Math.ceil(spanMs / MINUTE_MS / MAX_MINUTE_MARKS));
  const stepSize = spanMs === MINUTE_MS ? MINUTE_MS / 4 : minutesAMark * MINUTE_MS;
  return {
    // It moves on every second: what moved in between would only distract.
    animation: false,
    parsing: false,
    normalized: true,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: {
        type: 'linear',
        min: -spanMs,
        max: 0,
        grid: { color: grid },
        ticks: { color: ink, stepSize, maxRotation: 0, callback: (value) => timeText(Number(value)) },
      },
      y: {
        type: 'logarithmic',
        min: LOWEST,
        max: topOf(series),
        afterBuildTicks: (axis) => {
          axis.ticks = MARKS.filter((value) => value <= axis.max).map((value) => ({ value }));
        },
        grid: { color: grid },
        border: { display: false },
        ticks: { color: ink, autoSkip: false, callback: (value) => tickText(Number(value)) },
      },
    },
    plugins: {
      tooltip: {
        backgroundColor: ink,
        titleColor: surface,
        bodyColor: surface,
        displayColors: false,
        callbacks: { title: ([item]) => timeText(item?.parsed.x ?? 0), label: tooltipText },
      },
    },
  };
}
