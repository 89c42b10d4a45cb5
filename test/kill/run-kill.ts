import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { FigureReporter } from '../faults/figure.reporter.js';
import { printFigureTable } from '../faults/figure-table.js';
import { parseKillArguments, USAGE, UsageError } from './kill-arguments.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the campaign on each backend and prints what it counted. Resolves with the exit code. */
export async function runKill(words: string[]): Promise<number> {
  const size = argumentsOrMessage(words);
  if (typeof size === 'string') {
    console.log(size);
    return words.includes('--help') ? 0 : 2;
  }
  const reporter = new FigureReporter();
  const vitest = await createVitest('test', { root: ROOT, project: ['e2e'], watch: false, reporters: [reporter] });
  try {
    vitest.provide('killSize', size);
    await vitest.start(['test/kill/']);
  } finally {
    await vitest.close();
  }
  const { figures, failures } = reporter;
  console.log(
    `\n${printFigureTable(figures)}\n\n${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}`,
  );
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  return failures.length > 0 || figures.length === 0 ? 1 : 0;
}

function argumentsOrMessage(words: string[]) {
  try {
    const size = parseKillArguments(words);
    return size === 'help' ? USAGE : size;
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
    throw error;
  }
}
