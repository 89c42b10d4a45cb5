import { HttpConnection } from './http-connection.js';
import type { LoadPlan, LoadResult } from './load-plan.js';
import { StatementConnection } from './statement-connection.js';

/** The process that makes the load: told a plan over IPC, it answers with a result and ends. */
process.once('message', async (plan: LoadPlan) => {
  const result = await run(plan);
  process.send?.(result, () => process.disconnect());
});

function run(plan: LoadPlan): Promise<LoadResult> {
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
    const at = (part: number): number =>
      latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
    const requests = latencies.length;
    return {
      requestsPerSecond: requests === 0 ? 0 : (requests * 1000) / (lastAt - countsFrom),
      p50: at(0.5),
      p99: at(0.99),
      requests,
      answers: sent,
      bytesPerAnswer: Math.round(bytes / Math.max(requests, 1)),
      failures,
    };
  });
}

function requestMaker({ method, paths, bodies, token }: LoadPlan, { host }: URL): (index: number) => string {
  const head = ` HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n`;
  // Without bodies every request can be made before the first is sent.
  const ready = paths.map((path) => `${method} ${path}${head}\r\n`);
  if (bodies === undefined) return (index) => ready[index % ready.length] ?? '';
  return (index) => {
    const body = (bodies[index % bodies.length] ?? '').replaceAll('{n}', String(index));
    const path = paths[index % paths.length];
    return `${method} ${path}${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
}
