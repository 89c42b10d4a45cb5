import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench -- [options]

  --quick            a small run that only shows that everything works (a few minutes)
  --full             whole lists of 1 M customers instead of 100,000; takes minutes to seed
  --rival NAME=URL   joins another server that speaks the fixed contract; may be given more than once
  --only NAME        only start-up, memory, lists, calls or one call (get-32, get-1, page, list, overview, post),
                     imports, queues, analytics, routing or a part of it (decisions, monitor, costs, protection)
  --out FILE         writes every figure as JSON
  --help             this text`;

export interface Rival {
  name: string;
  url: string;
}

/** How much is measured, and for how long. */
export interface BenchOptions {
  name: 'quick' | 'standard' | 'full';
  /** Rounds of each call; every round runs all servers, one after the other, beginning with another one each time. */
  rounds: number;
  warmUpSeconds: number;
  seconds: number;
  /** Customers of the organization whose whole list is streamed, to measure memory and the first byte. */
  customers: number;
  /** Customers, each with an account, of the organization that the calls are measured on. */
  listedCustomers: number;
  slowReaderSeconds: number;
  /** How long a process is left alone before its memory counts as idle. */
  settleSeconds: number;
  starts: number;
  /** Timed decisions of each kind, and timed statements. */
  decisions: number;
  statements: number;
  /** How long an idle API's statements are counted. */
  idleSeconds: number;
  /** What the follower costs, by call and server. Many short rounds: what else the machine does changes within seconds. */
  costRounds: number;
  costWarmUpSeconds: number;
  costSeconds: number;
  /** Of the one organization whose analytics load the primary while the follower is down. */
  protectedCustomers: number;
  protectionRounds: number;
  protectionSeconds: number;
  /** Lines of the files that are imported into tables of `customers` rows. */
  importedRows: number;
  /** Jobs on each of the three queues. */
  jobsEach: number;
  /** Of the organization whose analytics are read, with five accounts each; and the rows of one large insert. */
  rollupCustomers: number;
  bulkAccounts: number;
  rivals: Rival[];
  only: string[];
  out: string | undefined;
}

const STANDARD = {
  name: 'standard',
  rounds: 5,
  warmUpSeconds: 1,
  seconds: 4,
  customers: 100_000,
  listedCustomers: 10_000,
  slowReaderSeconds: 60,
  settleSeconds: 10,
  starts: 5,
  decisions: 200_000,
  statements: 2_000,
  idleSeconds: 30,
  costRounds: 12,
  costWarmUpSeconds: 0.2,
  costSeconds: 0.6,
  protectedCustomers: 100_000,
  protectionRounds: 3,
  protectionSeconds: 8,
  importedRows: 100_000,
  jobsEach: 10_000,
  rollupCustomers: 100_000,
  bulkAccounts: 100_000,
} as const;
const FULL = {
  ...STANDARD,
  name: 'full',
  customers: 1_000_000,
  rollupCustomers: 1_000_000,
  bulkAccounts: 1_000_000,
  slowReaderSeconds: 120,
  protectionRounds: 5,
  protectionSeconds: 20,
  importedRows: 1_000_000,
} as const;
const QUICK = {
  name: 'quick',
  rounds: 2,
  warmUpSeconds: 0.1,
  seconds: 0.3,
  customers: 10_000,
  listedCustomers: 1_000,
  slowReaderSeconds: 3,
  settleSeconds: 1,
  starts: 1,
  decisions: 200_000,
  statements: 300,
  idleSeconds: 5,
  costRounds: 2,
  costWarmUpSeconds: 0.1,
  costSeconds: 0.3,
  protectedCustomers: 10_000,
  protectionRounds: 1,
  protectionSeconds: 2,
  importedRows: 5_000,
  jobsEach: 600,
  rollupCustomers: 5_000,
  bulkAccounts: 5_000,
} as const;

/** The command line says something that can't be meant; the message is for whoever typed it. */
export class UsageError extends Error {}

/** @throws UsageError. `help` means that only the usage is asked for. */
export function parseOptions(args: string[]): BenchOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.quick && values.full) throw new UsageError('--quick and --full exclude each other');
  const size = values.quick ? QUICK : values.full ? FULL : STANDARD;
  return { ...size, rivals: (values.rival ?? []).map(parseRival), only: values.only ?? [], out: values.out };
}

/** Whether a part of the run is asked for, by one of its names. */
export function isWanted({ only }: BenchOptions, ...names: string[]): boolean {
  return only.length === 0 || names.some((name) => only.includes(name));
}

function parse(args: string[]) {
  try {
    const options = {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      rival: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      out: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseRival(text: string): Rival {
  const [name = '', ...rest] = text.split('=');
  const url = rest.join('=').replace(/\/+$/, '');
  if (!/^[\w-]{1,20}$/.test(name) || !URL.canParse(url)) throw new UsageError('--rival takes NAME=URL');
  return { name, url };
}
