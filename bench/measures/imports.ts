import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../options.js';
import type { BenchStack } from '../stack/bench-stack.js';
import { signIn } from '../targets.js';
import { watchMemory } from './memory-watch.js';

/** After the start, so that what it has to do in the background is not taken for growth. */
const SETTLE_MS = 1_000;
const POLL_MS = 50;
const LINES_A_PIECE = 1_000;

export interface ImportFigures {
  title: string;
  rows: number;
  megabytes: number;
  /** Until the import was accepted. */
  uploadSeconds: number;
  /** From the worker's start on it until it was completed. */
  seconds: number;
  apiGrowsMiB: number;
  workerGrowsMiB: number;
}

interface Case {
  title: string;
  query: string;
  header: string;
  line(n: number): string;
}

const CASES: Case[] = [
  {
    title: 'new customers',
    query: 'entity=customers',
    header: 'name,email',
    line: (n) => `Imported Person ${n},imported-${n}@import.example.com`,
  },
  {
    title: 'the same again, upsert',
    query: 'entity=customers&mode=upsert',
    header: 'name,email',
    line: (n) => `Renamed Person ${n},imported-${n}@import.example.com`,
  },
  {
    title: 'accounts, by e-mail',
    query: 'entity=accounts',
    header: 'customer_email,name,status',
    line: (n) => `imported-${n}@import.example.com,Imported account ${n},active`,
  },
];

/** Imports files into the tables of the big organization, with processes that were just started. */
export async function measureImports(
  stack: BenchStack,
  { customers, importedRows }: BenchOptions,
  say: (line: string) => void,
): Promise<ImportFigures[]> {
  const figures: ImportFigures[] = [];
  for (const each of CASES) {
    say(`Importing ${importedRows} lines (${each.title}) where ${customers} customers are`);
    figures.push(await measure(stack, each, importedRows));
  }
  return figures;
}

async function measure(stack: BenchStack, { title, query, header, line }: Case, rows: number): Promise<ImportFigures> {
  const [api, worker] = [await stack.startApi(), await stack.startWorker()];
  const authorization = `Bearer ${await signIn(api.url, stack.admin)}`;
  await sleep(SETTLE_MS);
  const before = [api.residentMiB, worker.residentMiB] as const;
  let megabytes = 0;
  let uploadSeconds = 0;
  const work = async (): Promise<Job> => {
    const startedAt = performance.now();
    const response = await fetch(`${api.url}/api/imports?${query}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body: Readable.from(fileOf(header, line, rows, (bytes) => (megabytes += bytes / 1e6))),
      duplex: 'half',
    } as unknown as RequestInit);
    uploadSeconds = (performance.now() - startedAt) / 1_000;
    const { id } = (await response.json()) as Job;
    return untilCompleted(`${api.url}/api/imports/${id}`, authorization);
  };
  const both = await watchMemory(api, () => watchMemory(worker, work));
  await Promise.all([api.stop(), worker.stop()]);
  const job = both.result.result;
  if (job.result?.rejected !== 0 || job.result.rows !== rows)
    throw new Error(`The import went wrong: ${JSON.stringify(job)}`);
  return {
    title,
    rows,
    megabytes,
    uploadSeconds,
    seconds: (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1_000,
    apiGrowsMiB: both.peakMiB - before[0],
    workerGrowsMiB: both.result.peakMiB - before[1],
  };
}

interface Job {
  id: string;
  state: string;
  started_at: string;
  finished_at: string;
  result: { rows: number; rejected: number } | null;
}

function* fileOf(header: string, line: Case['line'], rows: number, told: (bytes: number) => void): Generator<Buffer> {
  yield Buffer.from(`${header}\n`);
  for (let n = 0; n < rows; n += LINES_A_PIECE) {
    const count = Math.min(LINES_A_PIECE, rows - n);
    const piece = Buffer.from(Array.from({ length: count }, (_, index) => `${line(n + index)}\n`).join(''));
    told(piece.length);
    yield piece;
  }
}

async function untilCompleted(url: string, authorization: string): Promise<Job> {
  for (;;) {
    const job = (await (await fetch(url, { headers: { authorization } })).json()) as Job;
    if (job.state === 'completed') return job;
    if (!['waiting', 'delayed', 'active'].includes(job.state))
      throw new Error(`The import ended: ${JSON.stringify(job)}`);
    await sleep(POLL_MS);
  }
}
