/** One keyset page of a list and the cursors that lead away from it; null where there is nothing further. */
export interface Page<Row> {
  rows: Row[];
  /** How many rows match in all; null when the API did not count. */
  total: number | null;
  next: string | null;
  prev: string | null;
}

/** The `cursor` of each relation that a Link header (RFC 8288) names. */
export function cursorsOf(link: string | null): Record<string, string> {
  const cursors: Record<string, string> = {};
  for (const [, target, parameters] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    const relation = /;\s*rel="?([\w-]+)"?/.exec(parameters ?? '')?.[1];
    const cursor = new URL(target ?? '', 'http://api.invalid').searchParams.get('cursor');
    if (relation && cursor) cursors[relation] = cursor;
  }
  return cursors;
}

export function toPage<Row>({ data, response }: { data: Row[]; response: Response }): Page<Row> {
  const cursors = cursorsOf(response.headers.get('link'));
  const total = response.headers.get('x-total-count');
  return {
    rows: data,
    total: total === null ? null : Number(total),
    next: cursors.next ?? null,
    prev: cursors.prev ?? null,
  };
}
