/** The command can't or won't do what was asked; the message is for whoever asked. */
export class CommandRefusedError extends Error {
  override readonly name = 'CommandRefusedError';
}

/** Errors whose message alone says everything. They are known by name, so that their libs need not be loaded. */
const SELF_EXPLAINING = new Set(['CommandRefusedError', 'InvalidConfigurationError', 'MigrationRefusedError']);

/** One line about a failure for the person at the terminal; a stack only where it is a mistake of ours. */
export async function describeFailure(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if (SELF_EXPLAINING.has(error.name)) return error.message;
  const { describeDatabaseFailure } = await import('./database-failure.js');
  return describeDatabaseFailure(error) ?? error.stack ?? error.message;
}
