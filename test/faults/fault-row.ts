import { expect, type TestContext } from 'vitest';
import type {} from './figure.js';

/**
 * The figures of one fault. A missed one fails the test but does not end it: the rest of the row is measured all the
 * same. Measured values are handed in by the scenario; nothing here is typed by hand.
 */
export class FaultRow {
  constructor(
    private readonly context: Pick<TestContext, 'task'>,
    private readonly fault: string,
  ) {}

  /** What must not be more than `limit`; most often nothing at all. */
  atMost(figure: string, measured: number, limit: number, unit = ''): void {
    this.add(figure, `≤ ${show(limit, unit)}`, show(measured, unit), measured <= limit);
  }

  atLeast(figure: string, measured: number, limit: number, unit = ''): void {
    this.add(figure, `≥ ${show(limit, unit)}`, show(measured, unit), measured >= limit);
  }

  /** What is worth to be known and promised by nobody. */
  note(figure: string, measured: number, unit = ''): void {
    this.add(figure, '–', show(measured, unit), true);
  }

  /** For the failures themselves: their number is the figure, the first of them the message. */
  none(figure: string, failures: readonly string[]): void {
    this.add(figure, '0', show(failures.length), failures.length === 0, failures.slice(0, 5).join('\n'));
  }

  /** Without the mechanism: `shown` is what happened, which must be the failure that the mechanism is there for. */
  control(without: string, shown: string, isFailure: boolean): void {
    this.add(without, 'fails', shown, isFailure, '', true);
  }

  private add(figure: string, asked: string, measured: string, isMet: boolean, detail = '', isControl = false): void {
    const { meta } = this.context.task;
    meta.figures ??= [];
    meta.figures.push({ fault: this.fault, figure, asked, measured, isMet, isControl });
    const message = `${this.fault}: ${figure} asked ${asked}, measured ${measured}${detail && `\n${detail}`}`;
    expect.soft(isMet, message).toBe(true);
  }
}

/** The value below which this share of the values lies; NaN without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const largest = (values: readonly number[]): number => values.reduce((most, one) => Math.max(most, one), 0);

function show(value: number, unit = ''): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 2;
  return `${value.toLocaleString('en-US', { maximumFractionDigits: digits })}${unit && ` ${unit}`}`;
}
