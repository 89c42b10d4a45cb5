import type { Answer } from '../support/http-call.js';

export interface Metrics {
  /** The sum of the series of this name that carry these labels; 0 where there is none. */
  value(name: string, labels?: Record<string, string>): number;
  /** The values that this label of this name has, each once. */
  labelsOf(name: string, label: string): string[];
}

/** Reads GET /metrics once. */
export async function readMetrics(call: (method: string, path: string) => Promise<Answer>): Promise<Metrics> {
  const answer = await call('GET', '/metrics');
  if (answer.status !== 200) throw new Error(`GET /metrics: ${answer.status} ${answer.text}`);
  const series = answer.text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: `,${labels}`, value: Number(value) }];
  });
  return {
    value: (name, labels = {}) =>
      series
        .filter((one) => one.name === name)
        .filter((one) => Object.entries(labels).every(([label, text]) => one.labels.includes(`,${label}="${text}"`)))
        .reduce((sum, { value }) => sum + value, 0),
    labelsOf: (name, label) => {
      const found = series.filter((one) => one.name === name);
      return [...new Set(found.flatMap(({ labels }) => new RegExp(`,${label}="([^"]*)"`).exec(labels)?.[1] ?? []))];
    },
  };
}
