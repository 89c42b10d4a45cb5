import { AsyncLocalStorage } from 'node:async_hooks';

/** Who does something: a person, a program with a key, or Tandem itself. `id` is null where there is none. */
export interface Actor {
  type: 'user' | 'api_key' | 'system';
  id: string | null;
  name: string | null;
}

/** What belongs to one request or one job run: its id for logs, errors and job data. Libs may keep more under it. */
export interface RequestContext {
  requestId: string;
  /** Who asks; unknown before the request has proved it. */
  actor?: Actor;
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
