import type { Configuration } from '@app/config';
import type { CommandOptions } from '../command-line.js';
import type { ProgressPrinter } from '../progress-printer.js';

/** What every command gets to work with. */
export interface CommandContext {
  configuration: Configuration;
  options: CommandOptions;
  printer: ProgressPrinter;
}
