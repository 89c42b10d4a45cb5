import { statement } from '@app/database';

/** For the transaction at hand: nobody waits at a screen, a batch may wait for another's locks, and a large file takes long to delete. */
export const ALLOW_TIME = statement('imports.allow-time', `SELECT set_config('statement_timeout', '600000', true)`);
