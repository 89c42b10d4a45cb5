import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';
import type { SqlSession } from '../servers/statement.js';

export interface OpenTransaction {
  session: SqlSession;
  manager: EntityManager;
  /** Organizations whose data were changed. */
  writers: Set<number>;
  /** What waits for the commit. */
  afterCommit: (() => Promise<void>)[];
}

const storage = new AsyncLocalStorage<OpenTransaction>();

export function currentTransaction(): OpenTransaction | undefined {
  return storage.getStore();
}

export function runInTransaction<T>(transaction: OpenTransaction, fn: () => Promise<T>): Promise<T> {
  return storage.run(transaction, fn);
}
