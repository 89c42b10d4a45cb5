import { cpus, totalmem } from 'node:os';
import { type CallFigures, FLOOR } from '../measures/calls.js';
import type { ImportFigures } from '../measures/imports.js';
import type { ListFigures } from '../measures/lists.js';
import type { MemoryFigures, StartFigures } from '../measures/processes.js';
import type { QueueFigures } from '../measures/queues.js';
import type { RollupFigures } from '../measures/rollups/rollups.js';
import type { RoutingFigures } from '../measures/routing/routing.js';
import { printQueues } from './queues-report.js';
import {
  API_IDLE_MIB,
  API_START_MS,
  FIRST_BYTE_MS,
  IMPORT_GROWTH_MIB,
  IMPORT_ROWS,
  LATENCY,
  LIST_GROWTH_MIB,
  THROUGHPUT,
  verdict,
  WORKER_IDLE_MIB,
} from './requirements.js';
import { printRollups } from './rollup-report.js';
import { printRouting } from './routing-report.js';
import { table } from './table.js';

/** Everything that a run found out; what was not measured is missing. */
export interface Figures {
  calls?: CallFigures[];
  lists?: ListFigures[];
  imports?: ImportFigures[];
  starts?: StartFigures;
  memory?: MemoryFigures[];
  routing?: RoutingFigures;
  queues?: QueueFigures[];
  rollups?: RollupFigures;
}

/** What the figures were measured on: they are not to be compared with those of another machine. */
export function describeMachine() {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    at: new Date().toISOString(),
  };
}

export function printFigures({ calls, lists, imports, starts, memory, routing, queues, rollups }: Figures): string {
  const tables = [
    calls && callTable(calls),
    lists && listTable(lists),
    imports && importTable(imports),
    processTable(starts, memory),
    routing && printRouting(routing),
    queues && printQueues(queues),
    rollups && printRollups(rollups),
  ];
  return tables.filter((text) => text).join('\n\n');
}

function callTable(calls: CallFigures[]): string {
  const rows = calls.map((call) => [
    call.title,
    call.target,
    call.requestsPerSecond.toFixed(0),
    call.p50.toFixed(2),
    call.p99.toFixed(2),
    call.cpuMicros?.toFixed(0) ?? '',
    call.toFloor?.toFixed(2) ?? (call.target === FLOOR ? '1' : ''),
    callVerdict(call),
  ]);
  return table([['call', 'server', 'req/s', 'p50 ms', 'p99 ms', 'cpu µs', '× floor', ''], ...rows]);
}

function callVerdict({ measure, target, toFloor, p50ToFloor, failures }: CallFigures): string {
  if (Object.keys(failures).length > 0) return `FAILED ${JSON.stringify(failures)}`;
  if (target !== 'tandem') return '';
  const [throughput, latency] = [THROUGHPUT[measure], LATENCY[measure]];
  if (throughput && toFloor !== undefined) return verdict(toFloor, throughput, 'at least');
  if (latency && p50ToFloor !== undefined)
    return `p50 ${p50ToFloor.toFixed(2)} × floor: ${verdict(p50ToFloor, latency, 'at most')}`;
  return '';
}

function listTable(lists: ListFigures[]): string {
  const rows = lists.map(({ reader, firstByteMs, totalMs, bytes, growsMiB }) => [
    reader,
    (bytes / 1e6).toFixed(1),
    firstByteMs?.toFixed(0) ?? '',
    firstByteMs === undefined ? '' : verdict(firstByteMs, FIRST_BYTE_MS, 'at most'),
    totalMs === undefined ? '' : (totalMs / 1_000).toFixed(2),
    growsMiB.toFixed(0),
    verdict(growsMiB, LIST_GROWTH_MIB, 'at most'),
  ]);
  return table([['whole list, reader', 'MB', 'first byte ms', '', 'whole s', 'grows MiB', ''], ...rows]);
}

function importTable(imports: ImportFigures[]): string {
  const rows = imports.map(({ title, rows, megabytes, uploadSeconds, seconds, apiGrowsMiB, workerGrowsMiB }) => [
    title,
    String(rows),
    megabytes.toFixed(1),
    uploadSeconds.toFixed(1),
    seconds.toFixed(1),
    (rows / seconds).toFixed(0),
    verdict(rows / seconds, IMPORT_ROWS, 'at least'),
    `${apiGrowsMiB.toFixed(0)}, ${workerGrowsMiB.toFixed(0)}`,
    verdict(Math.max(apiGrowsMiB, workerGrowsMiB), IMPORT_GROWTH_MIB, 'at most'),
  ]);
  const head = ['import', 'rows', 'MB', 'upload s', 'work s', 'rows/s', '', 'API, worker grow MiB', ''];
  return table([head, ...rows]);
}

function processTable(starts: StartFigures | undefined, memory: MemoryFigures[] = []): string {
  const rows: string[][] = [];
  if (starts) {
    rows.push(['API ready after, ms', starts.apiMs.toFixed(0), verdict(starts.apiMs, API_START_MS, 'at most')]);
    rows.push(['worker ready after, ms', starts.workerMs.toFixed(0), '']);
  }
  for (const { process: name, idleMiB, afterWorkMiB } of memory) {
    const requirement = name === 'API' ? API_IDLE_MIB : WORKER_IDLE_MIB;
    rows.push([`${name} idle, MiB resident`, idleMiB.toFixed(0), verdict(idleMiB, requirement, 'at most')]);
    rows.push([`${name} idle after work, MiB`, afterWorkMiB.toFixed(0), '']);
  }
  return rows.length === 0 ? '' : table([['process', '', ''], ...rows]);
}
