import type { Answer, CallOptions } from './http-call.js';

/** The targets of a `Link` header by their relation. */
export function linksOf(answer: Answer): Record<string, string | undefined> {
  const links = [...String(answer.headers.link ?? '').matchAll(/<([^>]*)>; rel="([^"]*)"/g)];
  return Object.fromEntries(links.map(([, target, relation]) => [relation, target]));
}

type Caller = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

/** Follows a list's links from a page on: every page, the first one included. */
export async function followPages(
  call: Caller,
  path: string,
  relation: 'next' | 'prev',
  options: CallOptions,
): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | undefined = path; next !== undefined; next = linksOf(pages.at(-1) as Answer)[relation]) {
    const page: Answer = await call('GET', next, options);
    if (page.status !== 200) throw new Error(`GET ${next}: ${page.status} ${page.text}`);
    if (pages.push(page) > 1_000) throw new Error('The pages do not end');
  }
  return pages;
}
