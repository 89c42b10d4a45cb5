import type { QueryRunner } from 'typeorm';
import type { IndexBuildWatch } from './index-build-watch.js';
import type { MigrationProgress, ProgressListener } from './migration-progress.js';

/** One part of a migration that is worth a line to whoever waits for it. */
export interface MigrationStep {
  title: string;
  /** Answers what is worth knowing about the outcome, such as the rows that were odd. */
  run(runner: QueryRunner): Promise<string | undefined>;
}

interface StepReporter {
  report: ProgressListener;
  watch: IndexBuildWatch;
}

/** TypeORM makes migrations itself, without arguments; what they need to tell how far they are travels on the runner. */
export function setStepReporter(runner: QueryRunner, report: ProgressListener, watch: IndexBuildWatch): void {
  const reporter: StepReporter = { report, watch };
  runner.data.stepReporter = reporter;
}

/** A step that is nothing but statements, run one after the other. */
export function sqlStep(title: string, ...statements: string[]): MigrationStep {
  return {
    title,
    run: async (runner) => {
      for (const statement of statements) await runner.query(statement);
      return undefined;
    },
  };
}

/** Runs the steps in order, telling each before it begins; runs them silently where nobody asked to be told. */
export async function runSteps(runner: QueryRunner, steps: readonly MigrationStep[]): Promise<void> {
  const reporter = runner.data.stepReporter as StepReporter | undefined;
  const report = (progress: MigrationProgress): void => reporter?.report(progress);
  for (const [index, { title, run }] of steps.entries()) {
    const position = { step: index + 1, steps: steps.length };
    report({ ...position, text: title });
    reporter?.watch.start((percent) => report({ ...position, text: title, percent }));
    const remark = await run(runner).finally(() => reporter?.watch.stop());
    if (remark !== undefined) report({ text: remark });
  }
}
