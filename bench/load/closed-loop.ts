import { HttpConnection } from './http-connection.js';
import type { LoadPlan, LoadResult } from './load-plan.js';
import { quantile } from './quantile.js';
import { requestMaker } from './request-maker.js';
import { StatementConnection } from './statement-connection.js';

/** As many requests as the server answers: each connection sends its next one when it has its answer. */
export function runClosedLoop(plan: LoadPlan): Promise<LoadResult> {
  const url = new URL(plan.url);
  const ConnectionTo = url.protocol === 'http:' ? HttpConnection : StatementConnection;
  const request = requestMaker(plan, url);
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const fail = (cause: string): void => {
    failures[cause] = (failures[cause] ?? 0) + 1;
  };
  const countsFrom = performance.now() + plan.warmUpSeconds * 1000;
  const endsAt = countsFrom + plan.seconds * 1000;
  let [sent, bytes, lastAt] = [0, 0, countsFrom];

  const work = (): Promise<void> =>
    new Promise((resolve) => {
      let sentAt = 0;
      const next = (): void => {
        if (performance.now() >= endsAt || sent >= (plan.requests ?? Number.POSITIVE_INFINITY)) {
          connection.close();
          resolve();
          return;
        }
        sentAt = performance.now();
        connection.send(request(sent++));
      };
      const connection = new ConnectionTo(
        url,
        next,
        (answer) => {
          const now = performance.now();
          if (answer.status < 200 || answer.status > 299) fail(String(answer.status));
          else if (sentAt >= countsFrom) {
            latencies.push(now - sentAt);
            bytes += answer.bytes;
            lastAt = now;
          }
          next();
        },
        (cause) => {
          fail(cause);
          resolve();
        },
      );
    });

  return Promise.all(Array.from({ length: plan.connections }, work)).then(() => {
    latencies.sort((a, b) => a - b);
    const requests = latencies.length;
    return {
      requestsPerSecond: requests === 0 ? 0 : (requests * 1000) / (lastAt - countsFrom),
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      requests,
      answers: sent,
      bytesPerAnswer: Math.round(bytes / Math.max(requests, 1)),
      failures,
    };
  });
}
