import { type Actor, currentContext } from '@app/logging';
import { statement } from '../servers/statement.js';

/** Tells the session, for the change log's triggers, on whose behalf the next statement is: until it is told otherwise. */
export const TELL_SESSION = statement('tell-context', `SELECT set_config('tandem.context', $1, false)`);
/** The same until the end of the transaction. */
export const TELL_TRANSACTION = statement(
  'tell-context-in-transaction',
  `SELECT set_config('tandem.context', $1, true)`,
);

/**
 * Who changes something and for which request, as the triggers read it; empty where nobody in particular does. In ASCII,
 * since a database in another encoding than UTF-8 may lack a name's letters.
 */
export function changeContext(): string {
  const context = currentContext();
  if (context === undefined) return '';
  const text = JSON.stringify({ actor: context.actor && actorJson(context.actor), request_id: context.requestId });
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Ids of users are numbers in the API, those of what is ours are strings. */
function actorJson({ type, id, name }: Actor) {
  return { type, id: type === 'user' && id !== null ? Number(id) : id, name };
}
