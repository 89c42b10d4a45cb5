import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLsn } from '../positions/lsn.js';
import type { Positioned, PositionedServer, Statement } from '../servers/statement.js';
import { ReadSession } from './read-session.js';
import { withoutPositions } from './routed-read.js';

/** A server without a network: answers with what it is given, one answer after the other. */
class ScriptedServer implements PositionedServer {
  readonly asked: [Statement | string, readonly unknown[]][] = [];

  constructor(private readonly answers: (Positioned<object> | Error)[]) {}

  async queryAt<Row extends object>(query: Statement | string, values: readonly unknown[] = []) {
    this.asked.push([query, values]);
    const answer = this.answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer as Positioned<Row>;
  }

  inSnapshot: PositionedServer['inSnapshot'] = () => Promise.reject(new Error('Nobody asks for one here'));
}

const at = (position: string | null): Positioned<object> => ({ rows: [], position });

describe('a read session', () => {
  test('hands statements on as they are and gives their rows', async () => {
    const server = new ScriptedServer([{ rows: [{ n: 1 }], position: '0/1' }, at(null)]);
    const session = new ReadSession(server);
    expect(await session.query('SELECT $1 AS n', [1])).toEqual([{ n: 1 }]);
    expect(await session.query({ name: 'x', text: 'SELECT 2' })).toEqual([]);
    expect(server.asked).toEqual([
      ['SELECT $1 AS n', [1]],
      [{ name: 'x', text: 'SELECT 2' }, []],
    ]);
  });

  test('remembers the furthest position of its answers, by its number and not by its text', async () => {
    const positions = ['0/FFFFFFF', '0/10000000', '1/0', '0/FFFFFFFF', null, '0/9'];
    const session = new ReadSession(new ScriptedServer(positions.map(at)));
    const seen: (string | null)[] = [session.position];
    for (const _ of positions) {
      await session.query('SELECT');
      seen.push(session.position);
    }
    expect(seen).toEqual([null, '0/FFFFFFF', '0/10000000', '1/0', '1/0', '1/0', '1/0']);
  });

  test('remembers the furthest whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1 }), (lsns) => {
        const session = new ReadSession(new ScriptedServer([]));
        for (const lsn of lsns) session.note(at(formatLsn(lsn)));
        const [furthest = 0n] = [...lsns].sort((a, b) => (a < b ? 1 : -1));
        expect(session.position).toBe(formatLsn(furthest));
      }),
    );
  });

  test('fails as its statement does and then knows no more than before', async () => {
    const failure = new Error('no');
    const session = new ReadSession(new ScriptedServer([at('0/5'), failure]));
    await session.query('SELECT');
    await expect(session.query('SELECT')).rejects.toBe(failure);
    expect(session.position).toBe('0/5');
  });

  test('knows no position inside a transaction, which has none before it ends', async () => {
    const session = new ReadSession(withoutPositions({ query: async () => [] }));
    await session.query('SELECT');
    expect(session.position).toBeNull();
  });
});
