import type { Sample } from './exposition.js';
import type { Matcher, Selector } from './promql-tree.js';

/** A value with its labels; the metric's name is the label `__name__` until an operation drops it. */
export interface Element {
  labels: Record<string, string>;
  value: number;
}

export interface Point {
  at: number;
  value: number;
}

interface Scrape {
  at: number;
  byName: Map<string, Element[]>;
}

/**
 * What a Prometheus would have kept of some targets: every scrape of each, in order of time (milliseconds of one clock).
 * A series that its target's last scrape did not show is stale and seen no more, as in Prometheus.
 */
export class ScrapeHistory {
  private readonly targets = new Map<string, Scrape[]>();

  /** @param instance becomes the label `instance`, as the address does that Prometheus scrapes. No samples: it failed. */
  record(instance: string, at: number, samples: Sample[]): void {
    const byName = new Map<string, Element[]>();
    for (const { name, labels, value } of samples) {
      const elements = byName.get(name) ?? [];
      elements.push({ labels: { ...labels, instance, __name__: name }, value });
      byName.set(name, elements);
    }
    const scrapes = this.targets.get(instance) ?? [];
    scrapes.push({ at, byName });
    this.targets.set(instance, scrapes);
  }

  /** The values at a time. A target's last scrape counts for five minutes of Prometheus's time. */
  instant(selector: Selector, at: number, lookBackMs = 300_000): Element[] {
    return [...this.targets.values()].flatMap((scrapes) => {
      const last = scrapes.findLast((scrape) => scrape.at <= at);
      return last === undefined || at - last.at > lookBackMs ? [] : matching(last, selector);
    });
  }

  /** The points of each series after `from` and not after `to`. */
  range(selector: Selector, from: number, to: number): { labels: Record<string, string>; points: Point[] }[] {
    const series = new Map<string, { labels: Record<string, string>; points: Point[] }>();
    for (const scrape of [...this.targets.values()].flat()) {
      if (scrape.at <= from || scrape.at > to) continue;
      for (const { labels, value } of matching(scrape, selector)) {
        const key = labelKey(labels);
        const one = series.get(key) ?? { labels, points: [] };
        one.points.push({ at: scrape.at, value });
        series.set(key, one);
      }
    }
    return [...series.values()];
  }

  /** Whether any scrape ever showed a series that the selector means. */
  hasSeen(selector: Selector): boolean {
    return [...this.targets.values()].flat().some((scrape) => matching(scrape, selector).length > 0);
  }

  /** Every label that any series of this metric ever had. */
  labelsOf(name: string): Set<string> {
    const elements = [...this.targets.values()].flat().flatMap((scrape) => scrape.byName.get(name) ?? []);
    return new Set(elements.flatMap(({ labels }) => Object.keys(labels)));
  }
}

/** The same for the same labels, in whatever order they come. */
export function labelKey(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function matching(scrape: Scrape, { name, matchers }: Selector): Element[] {
  const elements = scrape.byName.get(name) ?? [];
  return elements.filter(({ labels }) => matchers.every((matcher) => matches(matcher, labels[matcher.label] ?? '')));
}

function matches({ operator, value, pattern }: Matcher, actual: string): boolean {
  if (operator === '=' || operator === '!=') return (actual === value) === (operator === '=');
  return pattern.test(actual) === (operator === '=~');
}
