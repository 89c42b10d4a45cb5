import { median } from '../measures/rounds.js';
import { type CostFigures, NO_FOLLOWER, NO_FOLLOWER_AGAIN } from '../measures/routing/costs.js';
import type { InProcessFigures } from '../measures/routing/decision-process.js';
import type { MonitorFigures } from '../measures/routing/monitor-queries.js';
import type { ProtectionRound, WriteTimes } from '../measures/routing/protection.js';
import type { RoutingFigures } from '../measures/routing/routing.js';
import {
  COST_RATIO,
  DECISION_MICROS,
  FALLBACK_SESSIONS,
  MONITOR_QUERIES,
  PROTECTION,
  verdict,
} from './requirements.js';
import { table } from './table.js';

export function printRouting({ inProcess, monitor, costs, protection }: RoutingFigures): string {
  const tables = [
    inProcess && inProcessTables(inProcess),
    monitor && monitorTable(monitor),
    costs && costTable(costs),
    protection && protectionTables(protection),
  ];
  return tables.filter((text) => text).join('\n\n');
}

function inProcessTables(inProcess: InProcessFigures): string {
  const decisions = inProcess.decisions.map(({ title, decisions: count, p50, p99, max, elsewhere }) => [
    title,
    String(count),
    p50.toFixed(1),
    p99.toFixed(1),
    max.toFixed(0),
    elsewhere > count / 100 ? `WRONG ${elsewhere} decided otherwise` : verdict(p99, DECISION_MICROS, 'at most'),
  ]);
  const statements = inProcess.statements.map(({ title, statements: count, alone, withPosition }) => [
    title,
    String(count),
    alone.toFixed(0),
    withPosition.toFixed(0),
    (withPosition - alone).toFixed(0),
  ]);
  const decisionTable = table([['routing decision', 'count', 'p50 µs', 'p99 µs', 'max µs', ''], ...decisions]);
  const head = ['statement, 1 connection', 'count', 'p50 µs', 'with position', 'more'];
  return `${decisionTable}\n\n${table([head, ...statements])}`;
}

function monitorTable(monitor: MonitorFigures[]): string {
  const rows = monitor.map(({ server, perSecond, byStatement }) => [
    server,
    perSecond.toFixed(1),
    Object.entries(byStatement)
      .map(([name, rate]) => `${name} ${rate.toFixed(1)}`)
      .join(', '),
    verdict(perSecond, MONITOR_QUERIES, 'at most'),
  ]);
  return table([['idle API asks', 'per s', 'of these', ''], ...rows]);
}

function costTable(costs: CostFigures[]): string {
  const ratio = (value: number | undefined): string => value?.toFixed(2) ?? '';
  const rows = costs.map((cost) => [
    cost.title,
    cost.target,
    cost.requestsPerSecond.toFixed(0),
    cost.p50.toFixed(2),
    cost.cpuMicros?.toFixed(0) ?? '',
    cost.target === NO_FOLLOWER ? '1' : ratio(cost.throughputRatio),
    cost.target === NO_FOLLOWER ? '1' : ratio(cost.p50Ratio),
    cost.target === NO_FOLLOWER ? '1' : ratio(cost.cpuRatio),
    costVerdict(cost, costs),
  ]);
  const head = ['floor for costs', 'API', 'req/s', 'p50 ms', 'cpu µs', '× req/s', '× p50', '× cpu', ''];
  return table([head, ...rows]);
}

/**
 * Asked for where the primary answers both; analytics go to another server and only have to be seen. What two processes without
 * a follower differ by is not measurable.
 */
function costVerdict({ title, target, throughputRatio, failures }: CostFigures, all: CostFigures[]): string {
  if (Object.keys(failures).length > 0) return `FAILED ${JSON.stringify(failures)}`;
  if (!target.startsWith('follower') || title.includes('analytics') || throughputRatio === undefined) return '';
  const control = all.find((cost) => cost.title === title && cost.target === NO_FOLLOWER_AGAIN)?.throughputRatio ?? 1;
  const noise = Math.abs(1 - control);
  const isReached = throughputRatio >= (COST_RATIO.limit ?? 1);
  if (!isReached && throughputRatio >= 1 - noise) return `unclear: equal processes differ by ${noise.toFixed(2)}`;
  return verdict(throughputRatio, COST_RATIO, 'at least');
}

function protectionTables(rounds: ProtectionRound[]): string {
  const p99 = (of: (round: ProtectionRound) => WriteTimes): number => median(rounds.map((round) => of(round).p99));
  const p50 = (of: (round: ProtectionRound) => WriteTimes): number => median(rounds.map((round) => of(round).p50));
  const over = (of: (round: ProtectionRound) => WriteTimes): number =>
    median(rounds.map((round) => round.fallback.p99 / of(round).p99));
  const line = (title: string, of: (round: ProtectionRound) => WriteTimes): string[] => [
    title,
    p50(of).toFixed(2),
    p99(of).toFixed(2),
    of === fallback ? '' : over(of).toFixed(2),
    failuresOf(rounds.map(of)) ?? (of === fallback ? '' : verdict(over(of), PROTECTION, 'at most')),
  ];
  const fallback = (round: ProtectionRound): WriteTimes => round.fallback;
  const writes = table([
    ['writes while', 'p50 ms', 'p99 ms', 'fallback p99 ÷ this', ''],
    line('follower down, no reads', (round) => round.alone),
    line('follower up, reads', (round) => round.withFollower),
    line('follower down, reads', fallback),
  ]);
  const sessions = Math.max(...rounds.map((round) => round.sessions));
  const asked = rounds.reduce((sum, { reads }) => sum + reads, 0);
  const outcomes = sumOf(rounds.map((round) => round.outcomes));
  const { 200: answered = 0, '503 retry-after': shed = 0, ...others } = outcomes;
  const share = (count: number): string => `${((count * 100) / Math.max(1, asked)).toFixed(1)} %`;
  const reads = table([
    ['reads with the follower down', '', ''],
    ['asked for', String(asked), ''],
    ['answered', share(answered), ''],
    ['503 with Retry-After', share(shed), ''],
    ['anything else', String(Object.values(others).reduce((a, b) => a + b, 0)), otherwise(others)],
    ['most fallback sessions', String(sessions), verdict(sessions, FALLBACK_SESSIONS, 'at most')],
  ]);
  return `${writes}\n\n${reads}`;
}

function otherwise(others: Record<string, number>): string {
  return Object.keys(others).length === 0 ? 'reached = 0' : `MISSED = 0 ${JSON.stringify(others)}`;
}

function failuresOf(times: WriteTimes[]): string | undefined {
  const failures = sumOf(times.map((one) => one.failures));
  return Object.keys(failures).length === 0 ? undefined : `FAILED ${JSON.stringify(failures)}`;
}

function sumOf(counts: Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of counts) for (const [name, count] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
