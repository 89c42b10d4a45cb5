import type { AlertRule } from './alert-rules.js';
import type { Promql } from './promql.js';
import { labelKey } from './scrape-history.js';

/**
 * Evaluates alert rules as Prometheus does: an element of a rule's vector is pending from its first evaluation on and
 * fires when it was there at every evaluation for as long as `for` says, divided by the time scale.
 */
export class AlertWatch {
  private readonly since = new Map<string, number>();
  /** Names of all alerts that have ever fired. */
  readonly everFired = new Set<string>();
  private readonly firedLately = new Map<string, Record<string, string>[]>();
  private firing = new Set<string>();

  constructor(
    private readonly rules: AlertRule[],
    private readonly promql: Promql,
    private readonly timeScale: number,
  ) {}

  /** One evaluation of every rule. Throws where an annotation speaks of a label that the alert does not have. */
  evaluate(at: number): void {
    const present = new Set<string>();
    const firing = new Set<string>();
    for (const rule of this.rules) {
      for (const { labels } of this.promql.evaluate(rule.expression, at)) {
        const key = `${rule.name} ${labelKey(labels)}`;
        present.add(key);
        if (!this.since.has(key)) this.since.set(key, at);
        if (at - (this.since.get(key) ?? at) < rule.forMs / this.timeScale) continue;
        expectLabels(rule, labels);
        firing.add(rule.name);
        this.firedLately.set(rule.name, [...(this.firedLately.get(rule.name) ?? []), labels]);
        this.everFired.add(rule.name);
      }
    }
    for (const key of this.since.keys()) if (!present.has(key)) this.since.delete(key);
    this.firing = firing;
  }

  /** Names of the alerts that fired at the last evaluation. */
  get firingNow(): string[] {
    return [...this.firing].sort();
  }

  /** Names of the alerts that fired since the last call of `forget`. */
  get lately(): string[] {
    return [...this.firedLately.keys()].sort();
  }

  /** The values of a label of those that fired since then. */
  valuesOf(name: string, label: string): string[] {
    return [...new Set(this.firedLately.get(name)?.map((labels) => labels[label] ?? ''))].sort();
  }

  forget(): void {
    this.firedLately.clear();
  }
}

function expectLabels({ name, annotations }: AlertRule, labels: Record<string, string>): void {
  for (const [, label = ''] of annotations.join('\n').matchAll(/\$labels\.(\w+)/g)) {
    if (labels[label] === undefined) throw new Error(`${name} speaks of the label ${label}, which it does not have`);
  }
}
