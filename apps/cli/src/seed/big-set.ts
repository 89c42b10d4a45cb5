import type { SqlSession } from '@app/database';
import { CommandRefusedError } from '../failure-message.js';
import type { ProgressPrinter } from '../progress-printer.js';
import { INSERT_BATCH } from './big-set.sql.js';
import { detachForLoading } from './bulk-loading.js';

/** Rows of both tables that one statement inserts: about a second's work. */
const ROWS_AT_ONCE = 120_000;
/** From this many rows on, indexes built afterwards are faster than indexes kept while rows come in. */
const MANY_ROWS = 50_000;
const LARGEST_ID = 2_147_483_647;

/**
 * Plants the big set, generated inside the database: times ascend with ids over the last two years, and the same sizes
 * give the same names. Runs in the caller's transaction and keeps everybody else from the tables until its end.
 */
export async function plantBigSet(
  session: SqlSession,
  organizationId: number,
  { customers, accountsPerCustomer }: { customers: number; accountsPerCustomer: number },
  printer: ProgressPrinter,
): Promise<void> {
  const accounts = customers * accountsPerCustomer;
  if (accounts > LARGEST_ID / 2) {
    throw new CommandRefusedError('SEED_CUSTOMERS times SEED_ACCOUNTS_PER_CUSTOMER is more than ids can count');
  }
  const startedAt = performance.now();
  printer.line(`Seeding ${customers} customers with ${accounts} accounts`);
  const isLarge = customers + accounts >= MANY_ROWS;
  const attach = isLarge ? await detachForLoading(session, printer) : undefined;
  const customersAtOnce = Math.max(1, Math.floor(ROWS_AT_ONCE / (1 + accountsPerCustomer)));
  for (let done = 0; done < customers; done += customersAtOnce) {
    const last = Math.min(customers, done + customersAtOnce);
    await session.query(INSERT_BATCH, [organizationId, done + 1, last, customers, accountsPerCustomer]);
    printer.update(`${last} of ${customers} customers (${Math.floor((100 * last) / customers)} %)`);
  }
  await attach?.();
  printer.line(`Seeded them in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}
