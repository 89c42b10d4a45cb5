import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../options.js';
import type { BenchStack } from '../stack/bench-stack.js';
import type { ServerProcess } from '../stack/server-process.js';
import { signIn } from '../targets.js';
import { type ListRead, readList, readSlowly } from './list-reader.js';
import { watchMemory } from './memory-watch.js';

/** After the start, so that what it has to do in the background is not taken for growth. */
const SETTLE_MS = 1_000;
const SLOW_BYTES_PER_SECOND = 20_000;

export interface ListFigures {
  reader: string;
  /** Of the slowest reader; undefined for the slow one, who does not read to the end. */
  firstByteMs: number | undefined;
  totalMs: number | undefined;
  bytes: number;
  rows: number | undefined;
  growsMiB: number;
}

/** Whole lists of the big organization, each from a process that was just started: one that has grown can't show growth. */
export async function measureLists(
  stack: BenchStack,
  { customers, slowReaderSeconds }: BenchOptions,
  say: (line: string) => void,
): Promise<ListFigures[]> {
  const fast = async (server: ServerProcess, token: string, count: number): Promise<Omit<ListFigures, 'growsMiB'>> => {
    const reads = await Promise.all(Array.from({ length: count }, () => readList(server.url, token)));
    if (reads.some(({ rows }) => rows !== customers)) throw new Error('A whole list did not have all rows');
    const worst = (of: (read: ListRead) => number): number => Math.max(...reads.map(of));
    return {
      reader: count === 1 ? 'as fast as it comes' : `${count} at once`,
      firstByteMs: worst((read) => read.firstByteMs),
      totalMs: worst((read) => read.totalMs),
      bytes: worst((read) => read.bytes),
      rows: customers,
    };
  };
  const slow = async (server: ServerProcess, token: string): Promise<Omit<ListFigures, 'growsMiB'>> => ({
    reader: `20 kB/s for ${slowReaderSeconds} s`,
    firstByteMs: undefined,
    totalMs: undefined,
    bytes: await readSlowly(server.url, token, SLOW_BYTES_PER_SECOND, slowReaderSeconds),
    rows: undefined,
  });
  say(`Whole lists of ${customers} customers`);
  return [
    await onFreshApi(stack, (server, token) => fast(server, token, 1)),
    await onFreshApi(stack, (server, token) => fast(server, token, 2)),
    await onFreshApi(stack, slow),
  ];
}

async function onFreshApi(
  stack: BenchStack,
  work: (server: ServerProcess, token: string) => Promise<Omit<ListFigures, 'growsMiB'>>,
): Promise<ListFigures> {
  const server = await stack.startApi();
  const token = await signIn(server.url, stack.admin);
  await sleep(SETTLE_MS);
  const beforeMiB = server.residentMiB;
  const { result, peakMiB } = await watchMemory(server, () => work(server, token));
  await server.stop();
  return { ...result, growsMiB: peakMiB - beforeMiB };
}
