import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from '../load/run-load.js';
import type { BenchOptions } from '../options.js';
import type { BenchStack } from '../stack/bench-stack.js';
import type { ServerProcess } from '../stack/server-process.js';
import { signIn } from '../targets.js';
import { median } from './rounds.js';

export interface StartFigures {
  /** Milliseconds from the start of the process until it is ready, its databases being up. */
  apiMs: number;
  workerMs: number;
}

export async function measureStarts(stack: BenchStack, { starts }: BenchOptions): Promise<StartFigures> {
  const of = async (start: () => Promise<ServerProcess>): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < starts; i++) {
      const server = await start();
      times.push(server.startMs);
      await server.stop();
    }
    return median(times);
  };
  return { apiMs: await of(() => stack.startApi()), workerMs: await of(() => stack.startWorker()) };
}

export interface MemoryFigures {
  process: 'API' | 'worker';
  idleMiB: number;
  /** Idle again after work: for the API single customers and whole lists, for the worker jobs. */
  afterWorkMiB: number;
}

const JOBS = 50;

export async function measureMemory(stack: BenchStack, options: BenchOptions): Promise<MemoryFigures[]> {
  const settle = () => sleep(options.settleSeconds * 1_000);
  const [api, worker] = [await stack.startApi(), await stack.startWorker()];
  await settle();
  const idle = [api.residentMiB, worker.residentMiB] as const;
  const token = await signIn(api.url, stack.admin);
  await runLoad({
    url: api.url,
    token,
    method: 'GET',
    paths: ['/api/customers/1', '/api/customers?limit=50', '/api/customers/2', '/api/analytics/customers/3'],
    connections: 32,
    warmUpSeconds: 0,
    seconds: options.seconds,
  });
  await runLoad({
    url: api.url,
    token,
    method: 'POST',
    paths: ['/api/jobs'],
    bodies: Array.from({ length: JOBS }, (_, day) => JSON.stringify({ type: 'aggregate', date: dayAgo(day) })),
    connections: 4,
    warmUpSeconds: 0,
    seconds: 60,
    requests: JOBS,
  });
  await settle();
  const afterWork = [api.residentMiB, worker.residentMiB] as const;
  await Promise.all([api.stop(), worker.stop()]);
  return [
    { process: 'API', idleMiB: idle[0], afterWorkMiB: afterWork[0] },
    { process: 'worker', idleMiB: idle[1], afterWorkMiB: afterWork[1] },
  ];
}

function dayAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}
