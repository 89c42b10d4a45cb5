import { type Configuration, loadConfiguration } from '@app/config';
import type { Command, CommandOptions } from '../command-line.js';
import { findLocalPrimary } from '../local-stack-state.js';
import { ProgressPrinter } from '../progress-printer.js';
import type { CommandContext } from './command-context.js';

/** Reads the environment and runs one command. What it needs beyond that is loaded only by the command that needs it. */
export async function runCommand(command: Command, options: CommandOptions): Promise<void> {
  const context = { configuration: configure(options), options, printer: new ProgressPrinter(process.stdout) };
  try {
    await (await load(command))(context);
  } finally {
    context.printer.end();
  }
}

async function load(command: Command): Promise<(context: CommandContext) => Promise<void>> {
  switch (command) {
    case 'migrate':
      return (await import('./migrate.command.js')).migrate;
    case 'seed':
      return (await import('./seed.command.js')).seed;
    case 'reseed':
      return (await import('./reseed.command.js')).reseed;
  }
}

/** A directory given by name wins over the environment; the usual one only stands in for a missing DATABASE_URL. */
function configure({ data }: CommandOptions): Configuration {
  const isNeeded = data !== undefined || !process.env.DATABASE_URL;
  const local = isNeeded ? findLocalPrimary(data) : undefined;
  return loadConfiguration(local === undefined ? process.env : { ...process.env, DATABASE_URL: local }, {
    tokens: false,
  });
}
