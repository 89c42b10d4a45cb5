import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './http-connection.js';
import type { RatePlan, RateResult } from './load-plan.js';
import { quantile } from './quantile.js';
import { requestMaker } from './request-maker.js';

const TICK_MS = 1;
const LAST_ANSWERS_MS = 20_000;

/** Requests at the plan's rate. A request that is due while all connections wait is sent late and its time counts from when it was due. */
export async function runOpenLoop(plan: RatePlan): Promise<RateResult> {
  const url = new URL(plan.url);
  const request = requestMaker(plan, url);
  const latencies: number[] = [];
  const outcomes: Record<string, number> = {};
  const free: HttpConnection[] = [];
  /** When the oldest requests that no connection could take yet were due. */
  const waiting: number[] = [];
  const dueAt = new Map<HttpConnection, number>();
  const startedAt = performance.now();
  const countsFrom = startedAt + plan.warmUpSeconds * 1000;
  const endsAt = countsFrom + plan.seconds * 1000;
  let [due, sent, requests, isOver] = [0, 0, 0, false];

  const count = (at: number, outcome: string): void => {
    if (at >= countsFrom) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const send = (connection: HttpConnection, at: number): void => {
    dueAt.set(connection, at);
    connection.send(request(sent++));
  };
  const whenFree = (connection: HttpConnection): void => {
    const at = waiting.shift();
    if (at === undefined) free.push(connection);
    else send(connection, at);
  };
  const open = (): void => {
    const connection: HttpConnection = new HttpConnection(
      url,
      () => whenFree(connection),
      ({ status, hasRetryAfter }) => {
        const at = dueAt.get(connection) ?? 0;
        dueAt.delete(connection);
        if (status >= 200 && status <= 299 && at >= countsFrom) latencies.push(performance.now() - at);
        count(at, hasRetryAfter ? `${status} retry-after` : String(status));
        whenFree(connection);
      },
      (cause) => {
        const at = dueAt.get(connection);
        dueAt.delete(connection);
        if (at !== undefined) count(at, cause);
        const index = free.indexOf(connection);
        if (index !== -1) free.splice(index, 1);
        if (!isOver) setTimeout(open, 100);
      },
    );
  };
  for (let index = 0; index < plan.connections; index++) open();

  while (performance.now() < endsAt) {
    const now = performance.now();
    for (; due <= ((now - startedAt) / 1000) * plan.perSecond; due++) {
      // The moment at which this process came to it: a busy machine that runs the generator late is not the server's fault.
      if (now >= countsFrom) requests++;
      const connection = free.shift();
      if (connection === undefined) waiting.push(now);
      else send(connection, now);
    }
    await sleep(TICK_MS);
  }
  const lastAt = performance.now() + LAST_ANSWERS_MS;
  while (dueAt.size + waiting.length > 0 && performance.now() < lastAt) await sleep(10);
  isOver = true;
  for (const at of dueAt.values()) count(at, 'no answer');
  for (const at of waiting) count(at, 'no free connection');
  for (const connection of [...free, ...dueAt.keys()]) connection.close();
  latencies.sort((a, b) => a - b);
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), requests, outcomes };
}
