import { DomainError } from '@app/errors';
import { type SqlSession, type Statement, statement } from '../servers/statement.js';
import { literal } from '../streams/literal.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { type BindValue, filterConditions, likePattern } from './filter-conditions.js';
import { conditionsBeyond, type Position } from './keyset.js';
import type { ListFilters, ListRequest, Page, PageRequest } from './list-request.js';

export interface ListingDescription {
  table: string;
  /** An SQL expression: one row as the text of its JSON object. */
  json: string;
  /** The SELECT list of the CSV form. */
  csv: string;
  /** Sort names and the column and type behind each; every one has an index (organization_id, column, id). */
  sorts: Record<string, { column: string; type: 'timestamp' | 'text' }>;
  /** Columns that `q` searches; they have a trigram index on search_fold(column). */
  searched: string[];
}

interface PageRow {
  json: string;
  /** The value that the list is sorted by, as text. */
  key: string | null;
  id: number;
}

/**
 * One table as a list: keyset pages, counts and whole lists from one description, so that all three agree on what a
 * filter means. Every statement names the organization. Column names come from the description, never from a caller.
 */
export class Listing {
  constructor(private readonly description: ListingDescription) {}

  /** @throws DomainError `invalid_cursor`. */
  async page(session: SqlSession, organizationId: number, request: PageRequest): Promise<Page> {
    const position = this.positionOf(request);
    const { text, values } = this.pageQuery(organizationId, request, position);
    const rows = await session.query<PageRow>(planned(text, request.filters), values).catch((error: unknown) => {
      throw position && isBadKey(error) ? invalidCursor(error) : error;
    });
    return cutPage(rows, this.description.table, request, position);
  }

  async count(session: SqlSession, organizationId: number, filters: ListFilters): Promise<number> {
    const { bind, values } = parameters();
    const where = this.where(organizationId, filters, bind);
    const rows = await session.query<{ total: string }>(
      `SELECT count(*) AS total FROM ${this.description.table} WHERE ${where}`,
      values,
    );
    return Number(rows[0]?.total ?? 0);
  }

  /** The whole list as one SELECT with its values as literals, for COPY. */
  wholeQuery(organizationId: number, request: ListRequest, form: 'json' | 'csv'): string {
    const bind: BindValue = (value, type) => `${literal(value)}::${type}`;
    const { column, direction } = this.order(request.sort, true);
    const columns = form === 'json' ? this.description.json : this.description.csv;
    const where = this.where(organizationId, request.filters, bind);
    // Of the table: a bare name would mean the cell of that name, which no index has in order.
    const { table } = this.description;
    return `SELECT ${columns} FROM ${table} WHERE ${where} ORDER BY ${table}.${column} ${direction}, ${table}.id ${direction}`;
  }

  isSort(sort: string): boolean {
    return Object.hasOwn(this.description.sorts, sort.replace(/^-/, ''));
  }

  get sortNames(): string[] {
    return Object.keys(this.description.sorts).flatMap((name) => [name, `-${name}`]);
  }

  private pageQuery(organizationId: number, request: PageRequest, position: Position | undefined) {
    const { bind, values } = parameters();
    const { direction, ...order } = this.order(request.sort, position?.isForward ?? true);
    const where = this.where(organizationId, request.filters, bind);
    const limit = isFiltered(request.filters) ? bind(request.limit + 1, 'int') : preparedLimit(request.limit + 1);
    const end = (column: string) => `ORDER BY ${column} ${direction}, id ${direction} LIMIT ${limit}`;
    const parts = conditionsBeyond(order, position, bind).map(
      (beyond) => `SELECT ${this.description.json} AS json, ${order.column} AS key, id
        FROM ${this.description.table} WHERE ${where} AND ${beyond} ${end(order.column)}`,
    );
    const text =
      parts.length === 1
        ? parts.join()
        : `SELECT * FROM (${parts.map((part) => `(${part})`).join(' UNION ALL ')}) AS parts ${end('key')}`;
    return { text, values };
  }

  private positionOf(request: PageRequest): Position | undefined {
    if (request.cursor === undefined) return undefined;
    const position = decodeCursor(request.cursor, this.description.table, request);
    if (position.key === null && this.order(request.sort, true).type !== 'text') throw invalidCursor();
    return position;
  }

  /** The conditions that a request's filters make, for statements that do more than list. */
  where(organizationId: number, filters: ListFilters, bind: BindValue): string {
    const conditions = [`organization_id = ${bind(organizationId, 'int')}`, ...filterConditions(filters, bind)];
    if (filters.q) {
      const pattern = `search_fold(${bind(likePattern(filters.q), 'text')})`;
      const matches = this.description.searched.map((column) => `search_fold(${column}) LIKE ${pattern}`);
      conditions.push(`(${matches.join(' OR ')})`);
    }
    return conditions.join(' AND ');
  }

  private order(sort: string, isForward: boolean) {
    const found = this.isSort(sort) ? this.description.sorts[sort.replace(/^-/, '')] : undefined;
    if (found === undefined)
      throw new DomainError('validation_failed', `sort must be one of ${this.sortNames.join(', ')}`);
    const isAscending = sort.startsWith('-') !== isForward;
    return { ...found, isAscending, direction: isAscending ? 'ASC' : 'DESC' };
  }
}

/**
 * Pages without filters come often and have few texts (a sort, a direction, a size): they are prepared, which takes
 * planning off each. With filters the plan depends on the values, so those are planned every time.
 */
function planned(text: string, filters: ListFilters): Statement | string {
  if (isFiltered(filters)) return text;
  let prepared = preparedPages.get(text);
  if (prepared === undefined) {
    prepared = statement(`page-${preparedPages.size + 1}`, text);
    preparedPages.set(text, prepared);
  }
  return prepared;
}

/** Rows that a prepared page may read. */
const PREPARED_LIMITS = [11, 26, 51, 101, 201];

/**
 * How many rows a prepared page reads: one of a few sizes, because the planner keeps a plan only where the number is part
 * of the text, and each text stays on every connection. What is too much is cut off.
 */
function preparedLimit(rows: number): number {
  return PREPARED_LIMITS.find((limit) => limit >= rows) ?? rows;
}

function isFiltered(filters: ListFilters): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

const preparedPages = new Map<string, Statement>();

function parameters(): { bind: BindValue; values: (string | number)[] } {
  const values: (string | number)[] = [];
  return { values, bind: (value, type) => `$${values.push(value)}::${type}` };
}

function cutPage(found: PageRow[], list: string, request: PageRequest, position: Position | undefined): Page {
  const isForward = position?.isForward ?? true;
  const hasMore = found.length > request.limit;
  const rows = found.slice(0, request.limit);
  if (!isForward) rows.reverse();
  const hasNext = isForward ? hasMore : true;
  const hasPrevious = isForward ? position !== undefined : hasMore;
  // From an empty page the way back begins with the very row it was asked from: one id past it.
  const step = request.sort.startsWith('-') === isForward ? -1 : 1;
  const asked = position && { ...position, id: position.id + step };
  const [first, last] = [rows[0] ?? asked, rows.at(-1) ?? asked];
  const cursorAt = (row: { key: string | null; id: number } | undefined, forward: boolean): string | undefined =>
    row && encodeCursor({ isForward: forward, key: row.key, id: row.id }, list, request);
  return {
    items: rows.map((row) => row.json),
    next: hasNext ? cursorAt(last, true) : undefined,
    previous: hasPrevious ? cursorAt(first, false) : undefined,
  };
}

function invalidCursor(cause?: unknown): DomainError {
  return new DomainError('invalid_cursor', 'Invalid cursor', { cause });
}

/** A key that is no time, or an id beyond the column's type: somebody made the cursor up. */
function isBadKey(error: unknown): boolean {
  return ['22007', '22008', '22003', '22P02'].includes((error as { code?: string }).code ?? '');
}
