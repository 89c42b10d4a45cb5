import { parse } from 'yaml';
import { readCheckoutFile } from '../../deployment/checkout.js';
import { type Expression, parseDuration, parsePromql } from './promql-tree.js';

export const RULES_PATH = 'deploy/prometheus/tandem.rules.yml';

/** One entry of the rule file, as it stands there. */
export interface WrittenRule {
  alert: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleFile {
  groups: { name: string; interval?: string; rules: WrittenRule[] }[];
}

/** A rule ready to be asked. */
export interface AlertRule {
  name: string;
  expression: Expression;
  forMs: number;
  annotations: string[];
}

export function readRuleFile(): RuleFile {
  return parse(readCheckoutFile(RULES_PATH)) as RuleFile;
}

/** All rules of the file, parsed. */
export function readAlertRules(): AlertRule[] {
  return readRuleFile().groups.flatMap(({ rules }) =>
    rules.map((rule) => ({
      name: rule.alert,
      expression: parsePromql(rule.expr),
      forMs: rule.for === undefined ? 0 : parseDuration(rule.for),
      annotations: Object.values(rule.annotations),
    })),
  );
}
