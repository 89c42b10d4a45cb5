import { expect } from 'vitest';
import type { ApiStage } from '../support/api-process.js';

export interface Named {
  id: number;
  name: string;
}

/** Names found by a list's filters, by the whole list and by a page, which must agree, and be as many as are counted. */
export async function findNames(
  { call }: Pick<ApiStage, 'call'>,
  path: string,
  filters: Record<string, string>,
  token: string,
): Promise<string[]> {
  const query = new URLSearchParams({ sort: 'name', ...filters });
  const headers = { prefer: 'count=exact' };
  const whole = await call('GET', `${path}?${query}`, { token, headers });
  const page = await call('GET', `${path}?${query}&limit=200`, { token, headers });
  expect([whole.status, page.text]).toEqual([200, whole.text]);
  const names = whole.json<Named[]>().map(({ name }) => name);
  const counts = [whole, page].map((answer) => answer.headers['x-total-count']);
  expect(counts).toEqual([`${names.length}`, `${names.length}`]);
  return names;
}
