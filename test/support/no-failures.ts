import { expect } from 'vitest';
import type { ApiProcess } from './api-process.js';

/** Stops the API; neither its metrics nor its log may say that anything it was asked for failed by its own fault. */
export async function expectNoFailures(api: ApiProcess): Promise<void> {
  const { text } = await api.call('GET', '/metrics');
  const counted = text.split('\n').filter((line) => /^http_request_errors_total\{.*route="\/api/.test(line));
  // Its last lines are written when it ends.
  await api.stop();
  const logged = api.logLines().filter(({ level }) => Number(level) >= 50);
  expect([...counted, ...logged.map((line) => JSON.stringify(line))].join('\n')).toBe('');
}
