import { type MigrationProgress, pendingMigrationNames, runMigrations } from '@app/database';
import { withSession } from '../database-session.js';
import type { CommandContext } from './command-context.js';

/** Brings the schema up to date, the queues' tables included where the queues live on the primary. */
export async function migrate({ configuration, printer }: CommandContext): Promise<void> {
  const { primaryUrl } = configuration.database;
  const pending = await withSession(primaryUrl, 'tandem-migrate', pendingMigrationNames);
  if (pending.length > 0) {
    const startedAt = performance.now();
    const names = await runMigrations(primaryUrl, {
      onProgress: (progress) => tell(progress, printer),
    });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (names.length > 0) printer.line(`Migrated in ${seconds} s: ${names.join(', ')}`);
  }
  if (configuration.redisUrl === undefined) {
    const { runQueueMigrations } = await import('./queue-tables.js');
    await runQueueMigrations(primaryUrl);
  }
  printer.line('The schema is up to date');
}

function tell({ step, steps, text, percent }: MigrationProgress, printer: CommandContext['printer']): void {
  const place = step === undefined ? '' : `${step}/${steps} `;
  if (percent === undefined) printer.line(`${place}${text}`);
  else printer.update(`${place}${text}: ${percent} %`);
}
