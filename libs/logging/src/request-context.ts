import { AsyncLocalStorage } from 'node:async_hooks';

/** Where the last routed read of a request was answered; shown in `X-Db-Route` and `X-Db-Route-Reason`. */
export interface ServedRoute {
  target: 'primary' | 'follower';
  reason: string;
}

/** What belongs to one request or one job run: its id for logs, errors and job data, and how it was served. */
export interface RequestContext {
  requestId: string;
  route?: ServedRoute;
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
