import { writeFileSync } from 'node:fs';
import { CALLS, DATABASE, FLOOR, measureCalls, NAIVE } from './measures/calls.js';
import { measureImports } from './measures/imports.js';
import { measureLists } from './measures/lists.js';
import { measureMemory, measureStarts } from './measures/processes.js';
import { measureQueues } from './measures/queues.js';
import { measureRollups } from './measures/rollups/rollups.js';
import { measureRouting, ROUTING_PARTS } from './measures/routing/routing.js';
import { type BenchOptions, isWanted, parseOptions, USAGE, UsageError } from './options.js';
import { describeMachine, type Figures, printFigures } from './report/report.js';
import { BenchStack } from './stack/bench-stack.js';
import { fill, registerAndSignIn, type Target } from './targets.js';

const startedAt = performance.now();
const say = (line: string): void =>
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

async function measure(stack: BenchStack, options: BenchOptions): Promise<Figures> {
  const figures: Figures = {};
  if (isWanted(options, 'start-up')) {
    say(`Starting API and worker ${options.starts} times`);
    figures.starts = await measureStarts(stack, options);
  }
  if (isWanted(options, 'memory')) {
    say('Leaving API and worker alone');
    figures.memory = await measureMemory(stack, options);
  }
  if (isWanted(options, 'lists')) figures.lists = await measureLists(stack, options, say);
  if (isWanted(options, 'imports')) figures.imports = await measureImports(stack, options, say);
  if (isWanted(options, 'calls', ...CALLS))
    figures.calls = await measureCalls(await startTargets(stack, options), options, say);
  return figures;
}

/** Tandem and the rivals; the bench's own rivals share its database and its tokens. */
async function startTargets(stack: BenchStack, { rivals, listedCustomers }: BenchOptions): Promise<Target[]> {
  const [api, floor, naive] = [await stack.startApi(), await stack.startRival(FLOOR), await stack.startRival(NAIVE)];
  const tokens = {
    readerToken: await registerAndSignIn(api.url, 'reader'),
    writerToken: await registerAndSignIn(api.url, 'writer'),
  };
  const tandem = { name: 'tandem', url: api.url, server: api, ...tokens };
  const targets: Target[] = [
    { name: FLOOR, url: floor.url, server: floor, ...tokens },
    tandem,
    { name: NAIVE, url: naive.url, server: naive, ...tokens },
    { name: DATABASE, url: stack.primaryUrl, ...tokens },
  ];
  say('Filling tandem');
  await fill(tandem, listedCustomers);
  for (const { name, url } of rivals) {
    const readerToken = await registerAndSignIn(url, 'reader');
    const rival = { name, url, readerToken, writerToken: await registerAndSignIn(url, 'writer') };
    say(`Filling ${name}`);
    await fill(rival, listedCustomers);
    targets.push(rival);
  }
  await stack.settle();
  return targets;
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') return console.log(USAGE);
  const figures: Figures = {};
  if (isWanted(options, 'start-up', 'memory', 'lists', 'imports', 'calls', ...CALLS)) {
    Object.assign(figures, await onStack(options.customers, (stack) => measure(stack, options)));
  }
  if (isWanted(options, 'routing', ...ROUTING_PARTS)) {
    figures.routing = await onStack(options.protectedCustomers, (stack) => measureRouting(stack, options, say));
  }
  if (isWanted(options, 'queues')) {
    figures.queues = await onStack(1, (stack) => measureQueues(stack, options, say));
  }
  if (isWanted(options, 'analytics')) {
    figures.rollups = await onStack(
      options.rollupCustomers,
      (full) => onStack(1, (empty) => measureRollups({ full, empty }, options, say)),
      5,
    );
  }
  const machine = describeMachine();
  if (options.out) writeFileSync(options.out, `${JSON.stringify({ options, machine, ...figures }, null, 2)}\n`);
  console.log(
    `\n${printFigures(figures)}\n\n${machine.cores} × ${machine.cpu}, Node ${machine.node}, ${options.name} run`,
  );
  if (isFailed(figures)) process.exitCode = 1;
}

/** Databases and what is started on them, for as long as the work takes; gone as well when the bench is interrupted. */
async function onStack<T>(
  customers: number,
  work: (stack: BenchStack) => Promise<T>,
  accountsPerCustomer?: number,
): Promise<T> {
  say(`Starting databases with ${customers} customers`);
  const stack = await BenchStack.start(customers, accountsPerCustomer);
  const interrupt = (): void => void stack.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(stack);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await stack.stop();
  }
}

/** Whether requests failed that should not have: their figures are worth nothing. */
function isFailed({ calls = [], routing, queues = [] }: Figures): boolean {
  const writes = routing?.protection?.flatMap(({ alone, withFollower, fallback }) => [alone, withFollower, fallback]);
  const all = [...calls, ...(routing?.costs ?? []), ...(writes ?? [])];
  if (queues.some(({ wrong }) => wrong > 0)) return true;
  return all.some(({ failures }) => Object.keys(failures).length > 0);
}

main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
