import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to one request or one job run: its id for logs, errors and job data. Libs may keep more under it. */
export interface RequestContext {
  requestId: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `fn` (and everything it awaits) with this context. */
export function runInContext<T>(context: RequestContext, fn: () => T): T {
  return storage.run(context, fn);
}

/** The context of the request or job at hand; undefined at start-up and in background loops. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}
