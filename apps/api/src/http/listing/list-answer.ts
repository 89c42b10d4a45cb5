import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { ListFilters, ListRequest, Page, PageRequest } from '@app/database';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { linkHeader } from './link-header.js';
import { type ListRules, parseListQuery } from './parse-list-query.js';
import { JsonArrayRows, NdjsonRows } from './row-bytes.js';
import { CONTENT_TYPES, formatOf, type RowFormat } from './row-format.js';
import { endWhenStalled } from './stalled-reader.js';

/** What a feature offers of its list, for one organization. */
export interface ListSource {
  page(organizationId: number, request: PageRequest): Promise<Page>;
  count(organizationId: number, filters: ListFilters): Promise<number>;
  stream(organizationId: number, request: ListRequest, form: 'json' | 'csv'): Promise<Readable>;
}

/**
 * Answers a list: one page where `limit` or `cursor` ask for it, else the whole of it streamed in constant memory, in
 * the form that `Accept` asks for.
 */
export async function answerList(
  source: ListSource,
  organizationId: number,
  rules: ListRules,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | Readable> {
  const format = formatOf(request.headers.accept);
  const { request: list, isPaged } = parseListQuery(request.query as Record<string, unknown>, rules);
  reply.header('content-type', CONTENT_TYPES[format]).header('vary', 'Accept');
  if (wantsCount(request)) {
    reply.header('x-total-count', String(await source.count(organizationId, list.filters)));
    reply.header('preference-applied', 'count=exact');
  }
  if (list.limit !== undefined && isPaged) {
    const page = await source.page(organizationId, { ...list, limit: list.limit });
    reply.header('link', linkHeader(request.url, page));
    return pageText(page.items, format, rules.columns);
  }
  if (request.method === 'HEAD') return '';
  const rows = await source.stream(organizationId, list, format === 'csv' ? 'csv' : 'json');
  return wholeList(rows, format, reply);
}

function pageText(items: string[], format: RowFormat, columns: string[]): string {
  if (format === 'csv') return csvPage(items, columns);
  return format === 'json'
    ? `[${items.join(',')}]`
    : items
        .map(
          (item) => `${item}
`,
        )
        .join('');
}

function wholeList(rows: Readable, format: RowFormat, reply: FastifyReply): Readable {
  const shape = { json: () => new JsonArrayRows(), ndjson: () => new NdjsonRows(), csv: () => new PassThrough() };
  // An error midway destroys the answer: the connection ends without its closing bracket.
  const answer = pipeline(rows, shape[format](), () => undefined);
  endWhenStalled(reply.raw, answer);
  return answer;
}

function wantsCount(request: FastifyRequest): boolean {
  return /(?:^|[,;\s])count=exact(?:$|[,;\s])/i.test(String(request.headers.prefer ?? ''));
}

/** A page as CSV is made from its JSON objects. */
function csvPage(items: string[], columns: string[]): string {
  const rows = items.map((item) => JSON.parse(item) as Record<string, unknown>);
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines
    .map(
      (line) => `${line.map(csvValue).join(',')}
`,
    )
    .join('');
}

function csvValue(value: unknown): string {
  if (value === null) return '';
  const text = String(value);
  const safe = typeof value === 'string' && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe === '' ? `"${safe.replaceAll('"', '""')}"` : safe;
}
