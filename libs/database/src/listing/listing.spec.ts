import { describe, expect, test } from 'vitest';
import type { SqlSession, Statement } from '../servers/statement.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { PageRequest } from './list-request.js';
import { Listing } from './listing.js';

const LISTING = new Listing({
  table: 'customers',
  json: 'customer_json(customers)',
  csv: 'id, name',
  sorts: { created_at: { column: 'created_at', type: 'timestamp' }, name: { column: 'name', type: 'text' } },
  searched: ['name', 'email'],
});

/** Answers each statement with the same rows (or failure) and keeps what it was asked. */
function answering(rows: { id: number; key: string | null }[] | Error) {
  const asked: { name?: string; text: string; values: readonly unknown[] }[] = [];
  const session: SqlSession = {
    query: async <Row extends object>(query: Statement | string, values: readonly unknown[] = []) => {
      asked.push({ ...(typeof query === 'string' ? { text: query } : query), values });
      if (rows instanceof Error) throw rows;
      return rows.map((row) => ({ ...row, json: `{"id":${row.id}}` })) as unknown as Row[];
    },
  };
  return { session, asked };
}

function rowsOf(...ids: number[]) {
  return ids.map((id) => ({ id, key: `n${id}` }));
}

function request(changes: Partial<PageRequest> = {}): PageRequest {
  return { sort: 'name', filters: {}, limit: 2, ...changes };
}

function at(id: number, isForward: boolean, asked = request(), key: string | null = `n${id}`): PageRequest {
  return { ...asked, cursor: encodeCursor({ isForward, key, id }, 'customers', asked) };
}

function positionIn(cursor: string | undefined, asked = request()) {
  return cursor === undefined ? undefined : decodeCursor(cursor, 'customers', asked);
}

describe('a page', () => {
  test('without filters is a prepared statement, the same for the same sort, direction and size', async () => {
    const { session, asked } = answering(rowsOf(1));
    await LISTING.page(session, 9, request());
    await LISTING.page(session, 8, request({ limit: 10 }));
    await LISTING.page(session, 9, request({ sort: '-name' }));
    expect(asked[0]?.name).toBeDefined();
    expect(asked[1]?.name).toBe(asked[0]?.name);
    expect(asked[2]?.name).not.toBe(asked[0]?.name);
  });

  test('without filters has few sizes, so that few statements are prepared', async () => {
    const { session, asked } = answering(rowsOf(1));
    for (let limit = 1; limit <= 200; limit++) await LISTING.page(session, 9, request({ limit }));
    expect(new Set(asked.map(({ text }) => text)).size).toBe(5);
    const limits = asked.map(({ text }) => Number(/LIMIT (\d+)$/.exec(text)?.[1]));
    expect(limits.every((limit, index) => limit > index + 1)).toBe(true);
  });

  test('with filters is planned for their values every time', async () => {
    const { session, asked } = answering(rowsOf(1));
    await LISTING.page(session, 9, request({ filters: { q: 'ann' } }));
    expect(asked[0]?.name).toBeUndefined();
  });

  test('asks for one row more than it shows, to know whether there are further ones', async () => {
    const { session, asked } = answering(rowsOf(1, 2, 3));
    const filtered = request({ filters: { status: 'active' } });
    const page = await LISTING.page(session, 9, filtered);
    expect(page.items).toEqual(['{"id":1}', '{"id":2}']);
    expect(asked[0]?.values).toEqual([9, 'active', 3]);
    expect(positionIn(page.next, filtered)).toEqual({ isForward: true, key: 'n2', id: 2 });
    expect(page.previous).toBeUndefined();
  });

  test('that shows exactly the last rows has no next', async () => {
    const page = await LISTING.page(answering(rowsOf(1, 2)).session, 9, request());
    expect(page).toEqual({ items: ['{"id":1}', '{"id":2}'], next: undefined, previous: undefined });
  });

  test('of an empty list goes nowhere', async () => {
    expect(await LISTING.page(answering([]).session, 9, request())).toEqual({
      items: [],
      next: undefined,
      previous: undefined,
    });
  });

  test('in the middle leads both ways', async () => {
    const page = await LISTING.page(answering(rowsOf(3, 4, 5)).session, 9, at(2, true));
    expect(positionIn(page.next)).toEqual({ isForward: true, key: 'n4', id: 4 });
    expect(positionIn(page.previous)).toEqual({ isForward: false, key: 'n3', id: 3 });
  });

  test('that goes back shows its rows in the order of the list', async () => {
    const { session, asked } = answering(rowsOf(4, 3, 2));
    const page = await LISTING.page(session, 9, at(5, false));
    expect(page.items).toEqual(['{"id":3}', '{"id":4}']);
    expect(positionIn(page.previous)).toEqual({ isForward: false, key: 'n3', id: 3 });
    expect(positionIn(page.next)).toEqual({ isForward: true, key: 'n4', id: 4 });
    expect(asked[0]?.text).toContain('ORDER BY name DESC, id DESC');
  });

  test('back at the beginning has no previous', async () => {
    const page = await LISTING.page(answering(rowsOf(2, 1)).session, 9, at(3, false));
    expect(page.previous).toBeUndefined();
    expect(positionIn(page.next)?.id).toBe(2);
  });

  test.each([
    ['forward', 'name', true, 'previous', 5],
    ['forward', '-name', true, 'previous', 3],
    ['back', 'name', false, 'next', 3],
    ['back', '-name', false, 'next', 5],
  ] as const)(
    'empty because rows %s in %s went meanwhile leads back to the row it was asked from',
    async (...example) => {
      const [, sort, isForward, way, id] = example;
      const asked = request({ sort });
      const page = await LISTING.page(answering([]).session, 9, at(4, isForward, asked));
      expect(positionIn(page[way], asked)).toEqual({ isForward: !isForward, key: 'n4', id });
      expect(page[way === 'next' ? 'previous' : 'next']).toBeUndefined();
    },
  );

  test('is made of two index ranges where rows without a text follow', async () => {
    const { session, asked } = answering([]);
    await LISTING.page(session, 9, at(4, true));
    expect(asked[0]?.text).toMatch(
      /SELECT \* FROM \(\(.*\) UNION ALL \(.*name IS NULL.*\)\) AS parts ORDER BY key ASC/s,
    );
    expect(asked[0]?.text.match(/organization_id = \$1::int/g)).toHaveLength(2);
  });

  test('refuses a position without a time in a list by time', async () => {
    const { session, asked } = answering([]);
    const page = LISTING.page(session, 9, at(4, true, request({ sort: '-created_at' }), null));
    await expect(page).rejects.toMatchObject({ code: 'invalid_cursor' });
    expect(asked).toEqual([]);
  });

  test.each(['22007', '22008', '22003', '22P02'])(
    'takes %s of the database for a cursor that was made up',
    async (code) => {
      const { session } = answering(Object.assign(new Error('invalid input'), { code }));
      await expect(LISTING.page(session, 9, at(4, true))).rejects.toMatchObject({ code: 'invalid_cursor' });
      await expect(LISTING.page(session, 9, request())).rejects.toMatchObject({ code });
    },
  );

  test('hands other failures on as they are', async () => {
    const failure = Object.assign(new Error('canceled'), { code: '57014' });
    await expect(LISTING.page(answering(failure).session, 9, at(4, true))).rejects.toBe(failure);
  });
});

describe('sorts', () => {
  test('are those of the description, each in both directions', () => {
    expect(LISTING.sortNames).toEqual(['created_at', '-created_at', 'name', '-name']);
    expect(LISTING.sortNames.every((name) => LISTING.isSort(name))).toBe(true);
  });

  test.each(['', '-', '--name', 'id', 'constructor', '-__proto__', 'name; DROP TABLE customers'])(
    '"%s" is none',
    async (sort) => {
      expect(LISTING.isSort(sort)).toBe(false);
      const page = LISTING.page(answering([]).session, 9, request({ sort }));
      await expect(page).rejects.toMatchObject({ code: 'validation_failed' });
    },
  );
});

describe('a whole list', () => {
  test('is one statement with its values as literals', () => {
    const filters = { q: "o'b", status: 'active' };
    expect(LISTING.wholeQuery(9, { sort: '-name', filters }, 'json')).toBe(
      'SELECT customer_json(customers) FROM customers WHERE organization_id = 9::int' +
        " AND status = 'active'::text AND (search_fold(name) LIKE search_fold('%o''b%'::text)" +
        " OR search_fold(email) LIKE search_fold('%o''b%'::text)) ORDER BY customers.name DESC, customers.id DESC",
    );
  });

  test('as CSV selects the columns of the CSV form', () => {
    expect(LISTING.wholeQuery(9, { sort: 'name', filters: {} }, 'csv')).toBe(
      'SELECT id, name FROM customers WHERE organization_id = 9::int ORDER BY customers.name ASC, customers.id ASC',
    );
  });
});

describe('a count', () => {
  test('names the organization and the filters, and is a number', async () => {
    const asked: unknown[] = [];
    const session: SqlSession = {
      query: async <Row extends object>(text: unknown, values: readonly unknown[] = []) => {
        asked.push(text, values);
        return [{ total: '5000000' }] as unknown as Row[];
      },
    };
    expect(await LISTING.count(session, 9, { q: '%' })).toBe(5_000_000);
    expect(asked).toEqual([
      'SELECT count(*) AS total FROM customers WHERE organization_id = $1::int AND' +
        ' (search_fold(name) LIKE search_fold($2::text) OR search_fold(email) LIKE search_fold($2::text))',
      [9, '\\%%'],
    ]);
  });
});
