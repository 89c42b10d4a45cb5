import { type DashboardQuery, dashboardQueries, readDashboard } from './dashboard.js';
import type { Promql } from './promql.js';
import { type Expression, parsePromql } from './promql-tree.js';

/** Asks the dashboard's queries as somebody who has it open all the time, and notes which have shown a number. */
export class DashboardWatch {
  private empty: (DashboardQuery & { expression: Expression })[] = dashboardQueries(readDashboard()).map((query) => ({
    ...query,
    expression: parsePromql(query.text),
  }));

  constructor(private readonly promql: Promql) {}

  /** Throws where a legend speaks of a label that its series don't have. */
  look(at: number): void {
    this.empty = this.empty.filter(({ panel, legend, expression }) => {
      const shown = this.promql.evaluate(expression, at).find(({ value }) => Number.isFinite(value));
      for (const [, label = ''] of shown ? legend.matchAll(/\{\{(\w+)\}\}/g) : []) {
        if (!(label in (shown?.labels ?? {}))) throw new Error(`${panel} has no label ${label}`);
      }
      return shown === undefined;
    });
  }

  /** Queries that never showed anything, with the titles of their panels. */
  get neverShown(): string[] {
    return this.empty.map(({ panel, text }) => `${panel}: ${text}`);
  }
}
