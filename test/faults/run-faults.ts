import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import { parseFaultArguments, USAGE, UsageError } from './fault-arguments.js';
import { FigureReporter } from './figure.reporter.js';
import { printFigureTable } from './figure-table.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'test/follower/';

/** Runs the scenarios one file after the other, so that none disturbs another's figures. Resolves with the exit code. */
export async function runFaults(words: string[]): Promise<number> {
  const options = argumentsOrMessage(words);
  if (typeof options === 'string') {
    console.log(options);
    return words.includes('--help') ? 0 : 2;
  }
  const { size, files, out } = options;
  const reporter = new FigureReporter();
  const vitest = await createVitest('test', {
    root: ROOT,
    project: ['e2e'],
    watch: false,
    fileParallelism: false,
    reporters: [reporter],
  });
  try {
    vitest.provide('faultSize', size);
    await vitest.start(files.length > 0 ? files.map((word) => `${FOLDER}${word}`) : [FOLDER]);
  } finally {
    await vitest.close();
  }
  const { figures, failures } = reporter;
  if (out !== undefined) writeFileSync(out, `${JSON.stringify({ size, figures, failures }, null, 2)}\n`);
  console.log(
    `\n${printFigureTable(figures)}\n\n${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}`,
  );
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  return failures.length > 0 || figures.length === 0 ? 1 : 0;
}

function argumentsOrMessage(words: string[]) {
  try {
    const options = parseFaultArguments(words);
    return options === 'help' ? USAGE : options;
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n\n${USAGE}`;
    throw error;
  }
}
