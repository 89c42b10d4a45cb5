import { describe, expect, it } from 'vitest';
import { AlertWatch } from './support/alert-watch.js';
import { parseExposition } from './support/exposition.js';
import { Promql } from './support/promql.js';
import { parseDuration, parsePromql } from './support/promql-tree.js';
import { ScrapeHistory } from './support/scrape-history.js';

/** Scrapes of one target, `stepMs` apart; each is Prometheus text. */
function historyOf(scrapes: string[], stepMs = 1_000, instance = 'a:1'): ScrapeHistory {
  const history = new ScrapeHistory();
  for (const [index, text] of scrapes.entries()) history.record(instance, index * stepMs, parseExposition(text));
  return history;
}

function ask(history: ScrapeHistory, text: string, at: number, timeScale = 1): Record<string, number> {
  const elements = new Promql(history, timeScale).evaluate(parsePromql(text), at);
  return Object.fromEntries(
    elements.map(({ labels, value }) => {
      const { instance: _, __name__: name, ...rest } = labels;
      return [[name, ...Object.entries(rest).map((pair) => pair.join('='))].filter(Boolean).join(' '), value];
    }),
  );
}

describe('Prometheus text', () => {
  it('is read with its labels, escapes and infinities; a line that is none is refused', () => {
    const text = '# HELP a b\n# TYPE a counter\na{x="1,\\"}",y="b\\\\n\\n"} 1.5\nb +Inf\n';
    expect(parseExposition(text)).toEqual([
      { name: 'a', labels: { x: '1,"}', y: 'b\\n\n' }, value: 1.5 },
      { name: 'b', labels: {}, value: Number.POSITIVE_INFINITY },
    ]);
    expect(() => parseExposition('not a sample')).toThrow('not a sample');
  });
});

describe('selectors', () => {
  const history = historyOf(['m{s="open"} 1\nm{s="healthy"} 0', 'm{s="healthy"} 1']);

  it.each([
    ['m', 0, { 'm s=open': 1, 'm s=healthy': 0 }],
    ['m{s="open"}', 0, { 'm s=open': 1 }],
    ['m{s!="open"}', 0, { 'm s=healthy': 0 }],
    ['m{s=~"op|open|x"}', 0, { 'm s=open': 1 }],
    ['m{s=~"op"}', 0, {}],
    ['m{s!~"op.*"}', 0, { 'm s=healthy': 0 }],
    ['m{other=""}', 999, { 'm s=open': 1, 'm s=healthy': 0 }],
    // What the last scrape did not show is stale at once.
    ['m', 1_000, { 'm s=healthy': 1 }],
    ['m offset 1s', 1_000, { 'm s=open': 1, 'm s=healthy': 0 }],
    ['m', 302_000, {}],
  ])('%s at %i', (text, at, expected) => {
    expect(ask(history, text, at)).toEqual(expected);
  });
});

describe('operators', () => {
  const history = historyOf(['a{x="1"} 6\na{x="2"} 1\nb{x="1"} 3\nb{x="3"} 5\nc{x="1",y="1"} 2']);

  it.each([
    ['a > 3', { 'a x=1': 6 }],
    ['a / 2', { 'x=1': 3, 'x=2': 0.5 }],
    ['a / b', { 'x=1': 2 }],
    ['a + b * 2', { 'x=1': 12 }],
    ['(a + b) * 2', { 'x=1': 18 }],
    ['a == 1', { 'a x=2': 1 }],
    ['a and b', { 'a x=1': 6 }],
    ['a unless b', { 'a x=2': 1 }],
    ['a or b', { 'a x=1': 6, 'a x=2': 1, 'b x=3': 5 }],
    ['a and on (x) c', { 'a x=1': 6 }],
    ['a unless on () c', {}],
    ['c / ignoring (y) a', { 'x=1': 1 / 3 }],
    ['a > b', { 'x=1': 6 }],
    ['sum(a)', { '': 7 }],
    ['max by (x) ({__name__="a"} or a)', 'not understood'],
    ['count without (x) (a)', { '': 2 }],
    ['min by (x) (c)', { 'x=1': 2 }],
    ['absent(a)', {}],
    ['absent(nothing{x="1",y=~"."})', { 'x=1': 1 }],
  ])('%s', (text, expected) => {
    if (typeof expected === 'string') expect(() => ask(history, text, 0)).toThrow(expected);
    else expect(ask(history, text, 0)).toEqual(expected);
  });

  it.each([
    'topk(1, a)',
    'a % 2',
    'a == bool 1',
    'a * on (x) group_left b',
    'rate(a)',
    'deriv(a[5m])',
    '-a',
    'a[5m]',
    'rate(a[5])',
  ])('refuses %s, which it does not know', (text) => {
    expect(() => ask(history, text, 0)).toThrow();
  });

  it.each(['sum(', 'a >', 'a{x=}', 'a and and b', ''])('refuses %s, which is no PromQL', (text) => {
    expect(() => parsePromql(text)).toThrow();
  });

  it('refuses to match many with one, as Prometheus does', () => {
    const many = historyOf(['a{x="1",y="1"} 1\na{x="1",y="2"} 1\nb{x="1"} 1']);
    expect(() => ask(many, 'a / on (x) b', 0)).toThrow('Many-to-one');
  });
});

describe('counters', () => {
  const steady = historyOf(Array.from({ length: 11 }, (_, index) => `n ${100 + index * 10}`));

  it('grow by what was seen, extrapolated to the ends of the range', () => {
    // Open on its left, so five of the six points of five seconds; 40 in four seconds make 50 in five.
    expect(ask(steady, 'increase(n[5s])', 10_000)).toEqual({ '': 50 });
    expect(ask(steady, 'rate(n[5s])', 10_000)).toEqual({ '': 10 });
    expect(ask(steady, 'rate(n[5m])', 10_000, 60)).toEqual({ '': 10 });
  });

  it('are not extrapolated below zero, nor beyond half a step where they begin or end in the range', () => {
    expect(ask(historyOf(['n 0', 'n 1', 'n 2']), 'increase(n[1h])', 2_000)).toEqual({ '': 2 });
    expect(ask(historyOf(['n 9', 'n 10', 'n 11']), 'increase(n[1h])', 2_000)).toEqual({ '': 2.5 });
  });

  it('go on growing when the process starts again', () => {
    expect(ask(historyOf(['n 5', 'n 7', 'n 1']), 'increase(n[2001ms])', 2_000)['']).toBeCloseTo(3, 2);
  });

  it('don’t grow by appearing; who wants to know compares with before', () => {
    const appeared = historyOf(['other 1', 'n 1', 'n 1']);
    expect(ask(appeared, 'increase(n[5s]) > 0', 2_000)).toEqual({});
    expect(ask(appeared, 'n unless (n offset 2s)', 2_000)).toEqual({ n: 1 });
  });
});

describe('gauges and histograms', () => {
  it('have an average, a least and a greatest value over time', () => {
    const history = historyOf(['g 9', 'g 1', 'g 3']);
    expect(ask(history, 'avg_over_time(g[2s])', 2_000)).toEqual({ '': 2 });
    expect(ask(history, 'max_over_time(g[1m])', 2_000)).toEqual({ '': 9 });
    expect(ask(history, 'min_over_time(g[1m])', 2_000)).toEqual({ '': 1 });
  });

  it('have quantiles, interpolated in their bucket', () => {
    const history = historyOf(['h_bucket{le="0.1"} 10\nh_bucket{le="0.5"} 20\nh_bucket{le="+Inf"} 21']);
    expect(ask(history, 'histogram_quantile(0.5, sum by (le) (h_bucket))', 0)['']).toBeCloseTo(0.12);
    expect(ask(history, 'histogram_quantile(0.99, h_bucket)', 0)).toEqual({ '': 0.5 });
  });
});

describe('an alert', () => {
  const rule = (expr: string, forText: string, annotations: string[] = []) => ({
    name: 'Wrong',
    expression: parsePromql(expr),
    forMs: parseDuration(forText),
    annotations,
  });
  const history = historyOf(['g 0', 'g 1', 'g 1', 'g 0', 'g 1', 'g 1', 'g 1']);

  it('fires when it was there at every evaluation for as long as it says, in the test’s time', () => {
    const watch = new AlertWatch([rule('g == 1', '2m')], new Promql(history, 60), 60);
    const states = Array.from({ length: 7 }, (_, second) => {
      watch.evaluate(second * 1_000);
      return watch.firingNow.length;
    });
    expect(states).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(watch.lately).toEqual(['Wrong']);
    watch.forget();
    expect([watch.lately, [...watch.everFired]]).toEqual([[], ['Wrong']]);
  });

  it('may only speak of labels that it has', () => {
    const watch = new AlertWatch([rule('sum(g) == 1', '0s', ['of {{ $labels.instance }}'])], new Promql(history), 1);
    watch.evaluate(0);
    expect(() => watch.evaluate(1_000)).toThrow('instance');
  });
});
