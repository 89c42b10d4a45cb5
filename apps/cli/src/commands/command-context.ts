import type { Configuration } from '@app/config';
import type { CommandOptions } from '../command-line.js';
import type { ProgressPrinter } from '../progress-printer.js';

/** What every command gets to work with. */
export interface CommandContext {
  configuration: Configuration;
  /** How many the processes have: of the local stack, or in ANALYTICS_DB_URL; undefined where neither tells. */
  followers: number | undefined;
  options: CommandOptions;
  printer: ProgressPrinter;
}
