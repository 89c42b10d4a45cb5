import { loadConfiguration } from '@app/config';
import type { CommandLine, CommandOptions } from '../command-line.js';
import { findLocalDatabases } from '../local-stack-state.js';
import { ProgressPrinter } from '../progress-printer.js';
import type { CommandContext } from './command-context.js';

type Request = Exclude<CommandLine, { command: 'help' }>;

/** Reads the environment and runs one command. What it needs beyond that is loaded only by the command that needs it. */
export async function runCommand(line: Request): Promise<void> {
  const context = { ...configure(line.options), options: line.options, printer: new ProgressPrinter(process.stdout) };
  try {
    await execute(line, context);
  } finally {
    context.printer.end();
  }
}

async function execute(line: Request, context: CommandContext): Promise<void> {
  switch (line.command) {
    case 'migrate':
      return (await import('./migrate.command.js')).migrate(context);
    case 'seed':
      return (await import('./seed.command.js')).seed(context);
    case 'reseed':
      return (await import('./reseed.command.js')).reseed(context);
    case 'verify-rollups':
      return (await import('./verify-rollups.command.js')).verifyRollups(context);
    case 'operator':
      return (await import('./operator.command.js')).operator(context, line.request);
    case 'follower':
      return (await import('./follower.command.js')).follower(context, line.request);
  }
}

/** A directory given by name wins over the environment; the usual one only stands in for a missing DATABASE_URL. */
function configure({ data }: CommandOptions): Pick<CommandContext, 'configuration' | 'followers'> {
  const isNeeded = data !== undefined || !process.env.DATABASE_URL;
  const local = isNeeded ? findLocalDatabases(data) : undefined;
  const environment = local === undefined ? process.env : { ...process.env, DATABASE_URL: local.primaryUrl };
  const configuration = loadConfiguration(environment, { tokens: false });
  const urls = local?.followerUrls ?? configuration.database.followerUrls;
  const isKnown = local !== undefined || urls.length > 0;
  return { configuration, followers: isKnown ? urls.length : undefined };
}
