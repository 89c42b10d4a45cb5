import type { Page } from '@app/database';

/** RFC 8288: where the first, previous and next page are, as paths relative to the server. */
export function linkHeader(url: string, page: Pick<Page, 'next' | 'previous'>): string {
  const links = [link(url, undefined, 'first')];
  if (page.previous !== undefined) links.push(link(url, page.previous, 'prev'));
  if (page.next !== undefined) links.push(link(url, page.next, 'next'));
  return links.join(', ');
}

function link(url: string, cursor: string | undefined, relation: string): string {
  const [path = '', ...query] = url.split('?');
  // A question mark may stand in a value as it is.
  const parameters = new URLSearchParams(query.join('?'));
  parameters.delete('cursor');
  if (cursor !== undefined) parameters.set('cursor', cursor);
  const text = parameters.toString();
  return `<${path}${text ? `?${text}` : ''}>; rel="${relation}"`;
}
