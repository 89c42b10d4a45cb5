import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Figure } from './figure.js';

/** Says how far the run is, and keeps the figures that the tests measured and what went wrong. */
export class FigureReporter implements Reporter {
  readonly figures: Figure[] = [];
  readonly failures: string[] = [];
  private readonly startedAt = performance.now();

  onTestCaseResult(test: TestCase): void {
    this.figures.push(...(test.meta().figures ?? []));
    const { state, errors } = test.result();
    const seconds = ((performance.now() - this.startedAt) / 1_000).toFixed(0).padStart(5);
    console.log(`${seconds} s  ${state === 'failed' ? 'FAILED  ' : ''}${test.fullName}`);
    for (const { message } of errors ?? []) {
      this.failures.push(`${test.fullName}\n${message}`);
      console.log(message);
    }
  }

  onTestModuleEnd(module: TestModule): void {
    for (const error of module.errors()) this.failures.push(`${module.relativeModuleId}\n${error.message}`);
  }

  onTestRunEnd(_modules: unknown, errors: readonly { message?: string }[]): void {
    for (const error of errors) this.failures.push(error.message ?? String(error));
  }
}
