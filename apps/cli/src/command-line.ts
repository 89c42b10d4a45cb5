import { parseArgs } from 'node:util';

export const USAGE = `Usage: node dist/apps/cli/src/main.js <command> [options]

  migrate   bring the primary's schema up to this build; adopts a database of the Go service
  seed      fill an empty database with sample data (SEED_PERFORMANCE_DATA=true: with the big set)
  reseed    delete everything and seed again

  --data DIR   use the local stack of this directory (default .tandem, when DATABASE_URL is not set)
  --yes        reseed: don't ask
  --force      reseed: in production, too
  --help       this text`;

export const COMMANDS = ['migrate', 'seed', 'reseed'] as const;
export type Command = (typeof COMMANDS)[number];

export interface CommandOptions {
  /** Data directory of a local stack whose primary is meant, whatever the environment says. */
  data?: string;
  yes: boolean;
  force: boolean;
}

/** The command line can't be understood. */
export class UsageError extends Error {}

/** @throws UsageError saying what is wrong with the arguments. */
export function parseCommandLine(args: string[]): { command: Command | 'help'; options: CommandOptions } {
  const { values, positionals } = parse(args);
  const options = { data: values.data, yes: values.yes ?? false, force: values.force ?? false };
  const [name, ...rest] = positionals;
  if (values.help) return { command: 'help', options };
  if (name === undefined) throw new UsageError('Which command?');
  const command = COMMANDS.find((known) => known === name);
  if (command === undefined) throw new UsageError(`There is no command "${name}"`);
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is one argument too many`);
  if (command !== 'reseed' && (options.yes || options.force))
    throw new UsageError('--yes and --force belong to reseed');
  return { command, options };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        yes: { type: 'boolean' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
