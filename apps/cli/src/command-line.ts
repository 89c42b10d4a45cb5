import { parseArgs } from 'node:util';
import { type FollowerRequest, type OperatorRequest, readFollowerWords, readOperatorWords } from './command-words.js';
import { UsageError } from './usage-error.js';

export const USAGE = `Usage: node dist/apps/cli/src/main.js <command> [options]

  migrate   bring the primary's schema up to this build; adopts a database of the Go service
  seed      fill an empty database with sample data (SEED_PERFORMANCE_DATA=true: with the big set)
  reseed    delete everything and seed again
  operator  grant USERNAME, revoke USERNAME or list: who runs the deployment
  follower  drain [K], undrain [K] or status [K]: whether the K-th follower of ANALYTICS_DB_URL takes reads

  verify-rollups   compare the totals that analytics answer with a recount, on the primary and each follower

  --data DIR   use the local stack of this directory (default .tandem, when DATABASE_URL is not set)
  --yes        reseed: don't ask
  --force      reseed: in production, too
  --times N    verify-rollups: so many times, one after the other
  --help       this text`;

export interface CommandOptions {
  /** Data directory of a local stack whose primary is meant, whatever the environment says. */
  data?: string;
  yes: boolean;
  force: boolean;
  /** How often to check; once unless given. */
  times?: number;
}

const PLAIN_COMMANDS = ['migrate', 'seed', 'reseed', 'verify-rollups'] as const;

export type CommandLine = { options: CommandOptions } & (
  | { command: 'help' | (typeof PLAIN_COMMANDS)[number] }
  | { command: 'operator'; request: OperatorRequest }
  | { command: 'follower'; request: FollowerRequest }
);

/** @throws UsageError saying what is wrong with the arguments. */
export function parseCommandLine(args: string[]): CommandLine {
  const { values, positionals } = parse(args);
  const options = {
    data: values.data,
    yes: values.yes ?? false,
    force: values.force ?? false,
    times: readTimes(values.times),
  };
  const [name, ...words] = positionals;
  if (values.help) return { command: 'help', options };
  if (name === undefined) throw new UsageError('Which command?', USAGE);
  if (name !== 'reseed' && (options.yes || options.force)) {
    throw new UsageError('--yes and --force belong to reseed', USAGE);
  }
  if (name !== 'verify-rollups' && values.times !== undefined) {
    throw new UsageError('--times belongs to verify-rollups', USAGE);
  }
  if (name === 'operator') return { command: name, options, request: readOperatorWords(words) };
  if (name === 'follower') return { command: name, options, request: readFollowerWords(words) };
  const command = PLAIN_COMMANDS.find((known) => known === name);
  if (command === undefined) throw new UsageError(`There is no command "${name}"`, USAGE);
  if (words.length > 0) throw new UsageError(`"${words[0]}" is one argument too many`, USAGE);
  return { command, options };
}

function readTimes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError('--times takes a number from 1 on', USAGE);
  return Number(text);
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
        times: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, USAGE);
  }
}
