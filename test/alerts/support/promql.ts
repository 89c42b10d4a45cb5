import { AGGREGATES, histogramQuantile, increaseOf, OVER_TIME } from './promql-functions.js';
import type { Expression, Grouping, Selector } from './promql-tree.js';
import { type Element, labelKey, type ScrapeHistory } from './scrape-history.js';

type Value = number | Element[];
type Call = Extract<Expression, { kind: 'call' }>;
type Binary = Extract<Expression, { kind: 'binary' }>;

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/**
 * Enough of Prometheus to ask the alert rules and the dashboard of recorded scrapes: what it does not know it refuses,
 * so that no rule is taken for tested that was not.
 *
 * Time runs faster here than where the rules are used, by `timeScale`: ranges and offsets are divided by it, and so has
 * the pause between scrapes to be. Values are as they are: rates are per second of the test's own time.
 */
export class Promql {
  constructor(
    private readonly history: ScrapeHistory,
    private readonly timeScale = 1,
  ) {}

  /** The elements of the expression's vector at a time. */
  evaluate(expression: Expression, at: number): Element[] {
    const value = this.valueOf(expression, at);
    if (typeof value === 'number') throw new TypeError('A number is no vector');
    return value;
  }

  private valueOf(expression: Expression, at: number): Value {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'selector':
        if (expression.rangeMs !== undefined) throw new TypeError('A range without a function');
        return this.history.instant(expression, this.shifted(expression, at), 300_000 / this.timeScale);
      case 'aggregate':
        return aggregate(expression.name, this.evaluate(expression.argument, at), expression.grouping);
      case 'binary':
        return this.binary(expression, at);
      case 'call':
        return this.call(expression, at);
    }
  }

  private call({ name, arguments: given }: Call, at: number): Element[] {
    const [first, second] = given;
    if (name === 'absent' && first?.kind === 'selector') return this.absent(first, at);
    if (name === 'histogram_quantile' && first?.kind === 'number' && second) {
      return histogramQuantile(first.value, this.evaluate(second, at));
    }
    if (first?.kind !== 'selector' || first.rangeMs === undefined) throw new TypeError(`${name} of no range`);
    return this.overRange(name, first, first.rangeMs / this.timeScale, this.shifted(first, at));
  }

  private overRange(name: string, selector: Selector, rangeMs: number, to: number): Element[] {
    const from = to - rangeMs;
    return this.history.range(selector, from, to).flatMap(({ labels, points }) => {
      let value: number | undefined;
      if (name === 'increase') value = increaseOf(points, from, to);
      else if (name === 'rate') value = increaseOf(points, from, to);
      else if (OVER_TIME[name]) value = OVER_TIME[name](points.map((point) => point.value));
      else throw new TypeError(`${name} is not known here`);
      if (value === undefined) return [];
      return [{ labels: nameless(labels), value: name === 'rate' ? value / (rangeMs / 1_000) : value }];
    });
  }

  /** One element while the selector means no series; its labels are those that the selector says with `=`. */
  private absent(selector: Selector, at: number): Element[] {
    if (this.evaluate(selector, at).length > 0) return [];
    const said = selector.matchers.filter(({ operator }) => operator === '=');
    return [{ labels: Object.fromEntries(said.map(({ label, value }) => [label, value])), value: 1 }];
  }

  private binary({ operator, left, right, matching }: Binary, at: number): Value {
    const [a, b] = [this.valueOf(left, at), this.valueOf(right, at)];
    if (typeof a === 'number' && typeof b === 'number') return arithmetic(operator, a, b);
    if (typeof a === 'number') throw new TypeError('A number on the left of a vector is not understood here');
    if (typeof b === 'number') return a.flatMap((element) => combined(operator, element, b));
    const keyOf = ({ labels }: Element): string => labelKey(group(labels, matching));
    const keys = new Set(b.map(keyOf));
    if (operator === 'and') return a.filter((element) => keys.has(keyOf(element)));
    if (operator === 'unless') return a.filter((element) => !keys.has(keyOf(element)));
    const others = new Set(a.map(keyOf));
    if (operator === 'or') return [...a, ...b.filter((element) => !others.has(keyOf(element)))];
    if (others.size < a.length || keys.size < b.length) throw new TypeError('Many-to-one matching is not allowed');
    const partners = new Map(b.map((element) => [keyOf(element), element.value]));
    return a.flatMap((element) => {
      const partner = partners.get(keyOf(element));
      if (partner === undefined) return [];
      return combined(operator, { ...element, labels: group(element.labels, matching) }, partner);
    });
  }

  private shifted({ offsetMs = 0 }: Selector, at: number): number {
    return at - offsetMs / this.timeScale;
  }
}

function arithmetic(operator: string, a: number, b: number): number {
  const apply = ARITHMETIC[operator];
  if (apply === undefined) throw new TypeError(`${operator} is not known here`);
  return apply(a, b);
}

/** A comparison keeps or drops the element; arithmetic makes a new value, which has no metric's name. */
function combined(operator: string, { labels, value }: Element, other: number): Element[] {
  const holds = COMPARISONS[operator];
  if (holds) return holds(value, other) ? [{ labels, value }] : [];
  return [{ labels: nameless(labels), value: arithmetic(operator, value, other) }];
}

function aggregate(name: string, elements: Element[], grouping: Grouping): Element[] {
  const apply = AGGREGATES[name];
  if (apply === undefined) throw new TypeError(`${name} is not known here`);
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of elements) {
    const kept = group(labels, grouping);
    const one = groups.get(labelKey(kept)) ?? { labels: kept, values: [] };
    one.values.push(value);
    groups.set(labelKey(kept), one);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: apply(values) }));
}

function group(labels: Record<string, string>, { isKept, labels: named }: Grouping): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => name !== '__name__' && named.includes(name) === isKept),
  );
}

function nameless({ __name__: _, ...labels }: Record<string, string>): Record<string, string> {
  return labels;
}
