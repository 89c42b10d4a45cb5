import type { WalPosition } from '../positions/consistency-token.js';
import type { PositionedQuery, PositionedServer, SqlSession } from '../servers/statement.js';
import type { ReadOptions } from './read-options.js';
import { ReadSession } from './read-session.js';
import type { RequestReads } from './request-reads.js';

/** One read on its way: what it demands, with the client's wishes merged in, and what it has cost so far. */
export interface RoutedRead {
  readonly demand: ReadOptions;
  /** What a follower's answer must hold; undefined where nothing is asked. */
  mustHold: WalPosition | undefined;
  /** Whether `mustHold` is the client's own word, so that an answer without it would break a promise. */
  readonly isPromised: boolean;
  /** Whether the code declares the follower: such work never shares the transactional connections. */
  readonly isAnalytical: boolean;
  readonly reads: RequestReads | undefined;
  /** Followers that have failed it already. */
  readonly failed: Set<string>;
  waitMs: number;
  databaseMs: number;
}

/** An answer, and the position up to which it may have seen. */
export interface Answer<T> {
  result: T;
  position: string | null;
}

/** Runs the read's function on a server, in one snapshot where it asks for one. Counts the time that it took. */
export async function runOn<T>(
  read: RoutedRead,
  server: PositionedServer,
  fn: (session: ReadSession) => Promise<T>,
): Promise<Answer<T>> {
  const startedAt = performance.now();
  try {
    if (read.demand.isSnapshot)
      return await server.inSnapshot((session) => fn(new ReadSession(withoutPositions(session))));
    const session = new ReadSession(server);
    const result = await fn(session);
    return { result, position: session.position };
  } finally {
    read.databaseMs += performance.now() - startedAt;
  }
}

/** One connection as a server: the position of a snapshot is asked once, at its end; that of a transaction at its commit. */
export function withoutPositions(session: SqlSession): PositionedServer {
  return {
    queryAt: async <Row extends object>(query: PositionedQuery, values?: readonly unknown[]) => {
      const asked = typeof query === 'object' && 'onPrimary' in query ? query.onPrimary : query;
      return { rows: await session.query<Row>(asked, values), position: null };
    },
    inSnapshot: async (fn) => ({ result: await fn(session), position: null }),
  };
}

/**
 * Whether an answer as of this moment is older than the read allows, or may be, for all that is known. `answeredAt` is
 * the time for which the answer then states its age, so that what was found fresh enough is never shown to be older.
 */
export function isTooOld(
  { demand: { maxStalenessMs } }: RoutedRead,
  asOf: number | undefined,
  answeredAt: number,
): boolean {
  return maxStalenessMs !== undefined && (asOf === undefined || answeredAt - asOf > maxStalenessMs);
}
