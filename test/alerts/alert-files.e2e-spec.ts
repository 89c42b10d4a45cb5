import { describe, expect, it } from 'vitest';
import { readCheckoutFile, sectionOf } from '../deployment/checkout.js';
import { RULES_PATH, readRuleFile } from './support/alert-rules.js';
import { DASHBOARD_PATH, dashboardQueries, type Panel, readDashboard } from './support/dashboard.js';
import { parseDuration, parsePromql } from './support/promql-tree.js';

const operations = readCheckoutFile('docs/operations.md');

describe(RULES_PATH, () => {
  const file = readRuleFile();
  const rules = file.groups.flatMap((group) => group.rules);

  it('has the form that Prometheus reads, which refuses a file with anything else in it', () => {
    expect(Object.keys(file)).toEqual(['groups']);
    for (const group of file.groups) {
      expect(Object.keys(group).filter((key) => !['name', 'interval', 'rules'].includes(key))).toEqual([]);
      expect(group.name).toMatch(/./);
    }
    expect(new Set(file.groups.map(({ name }) => name)).size).toBe(file.groups.length);
    for (const rule of rules) {
      const known = ['alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];
      expect(Object.keys(rule).filter((key) => !known.includes(key))).toEqual([]);
      for (const duration of [rule.for, rule.keep_firing_for]) {
        if (duration !== undefined) expect(parseDuration(duration)).toBeGreaterThan(0);
      }
      const texts = [...Object.values(rule.labels), ...Object.values(rule.annotations)];
      for (const text of texts) expect(typeof text).toBe('string');
    }
  });

  it('names each alert once', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert } of rules) expect(alert).toMatch(/^Tandem[A-Z]\w+$/);
  });

  describe.each(rules)('$alert', ({ alert, expr, labels, annotations }) => {
    it('is PromQL', () => {
      expect(() => parsePromql(expr)).not.toThrow();
    });

    it('says how urgent it is, what is wrong, and where to read what to do', () => {
      expect(Object.keys(labels)).toEqual(['severity']);
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
    });

    it('uses templates as Prometheus knows them', () => {
      const templates = Object.values(annotations).flatMap((text) => text.match(/\{\{.*?\}\}/g) ?? []);
      for (const template of templates) {
        expect(template).toMatch(/^\{\{ \$(labels\.\w+|value \| humanize(Percentage|Duration)?) \}\}$/);
      }
    });

    it('has its chapter, which says the same urgency', () => {
      const chapter = sectionOf(operations, `### ${alert}`).trim();
      expect(chapter.split(/[.,]/)[0]?.toLowerCase()).toBe(labels.severity);
    });
  });

  it('has every alert that the chapter on alerts describes', () => {
    const chapters = [...sectionOf(operations, '## Alerts').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(chapters.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });
});

describe(DASHBOARD_PATH, () => {
  const dashboard = readDashboard();
  const shown = dashboard.panels.filter(({ type }) => type !== 'row');
  const queried = shown.filter(({ targets }) => targets !== undefined);

  it('asks the data source that its reader chooses, and only by variables that it has', () => {
    const [dataSource] = dashboard.templating.list;
    expect(dataSource).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    for (const { datasource } of queried) expect(datasource).toEqual({ type: 'prometheus', uid: '$datasource' });
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
    const own = dashboard.templating.list.map(({ name }) => name);
    expect([...new Set(used)].filter((name) => !name.startsWith('__') && !own.includes(name))).toEqual([]);
  });

  it('says of each panel what it shows and in which unit', () => {
    for (const { title, description = '' } of shown) expect([title, description.length > 30]).toEqual([title, true]);
    for (const { title, fieldConfig } of queried) {
      expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/./)]);
    }
  });

  it('shows seconds as seconds and bytes as bytes', () => {
    for (const { title, targets = [], fieldConfig } of queried) {
      for (const { expr } of targets) {
        if (/histogram_quantile\(|^max\S*( by \(\w+\) )?\(\w+_seconds\{/.test(expr)) {
          expect([title, fieldConfig?.defaults.unit]).toEqual([title, 's']);
        }
        if (/_bytes\{/.test(expr)) expect([title, fieldConfig?.defaults.unit]).toEqual([title, 'bytes']);
      }
    }
  });

  it('gives every panel an id and a place of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const overlapping = dashboard.panels.filter((one, index) =>
      dashboard.panels.slice(index + 1).some((other) => overlap(one, other)),
    );
    expect(overlapping.map(({ title }) => title)).toEqual([]);
  });

  it.each(dashboardQueries(dashboard))('$panel asks PromQL: $text', ({ text }) => {
    expect(() => parsePromql(text)).not.toThrow();
  });
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
