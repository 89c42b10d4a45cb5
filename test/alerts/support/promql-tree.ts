import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  label: string;
  operator: '=' | '!=' | '=~' | '!~';
  value: string;
  /** For the two with `~`: anchored at both ends, as Prometheus does it. */
  pattern: RegExp;
}

export interface Selector {
  kind: 'selector';
  name: string;
  matchers: Matcher[];
  /** Of a range vector, in milliseconds. */
  rangeMs?: number;
  offsetMs?: number;
}

export interface Grouping {
  /** `by` and `on`, else `without` and `ignoring`. */
  isKept: boolean;
  labels: string[];
}

export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'aggregate'; name: string; argument: Expression; grouping: Grouping }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression; matching: Grouping }
  | Selector;

const STRICT = parser.configure({ strict: true });

/** Parses PromQL by the grammar of Prometheus's own editor. Throws for what is not PromQL or not understood here. */
export function parsePromql(text: string): Expression {
  const top = STRICT.parse(text).topNode.firstChild;
  if (top === null) throw new SyntaxError('There is no expression');
  return new TreeReader(text).read(top);
}

/** All selectors in an expression, with the labels that it groups or matches by. */
export function selectorsOf(expression: Expression): Selector[] {
  switch (expression.kind) {
    case 'selector':
      return [expression];
    case 'call':
      return expression.arguments.flatMap(selectorsOf);
    case 'aggregate':
      return selectorsOf(expression.argument);
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
    default:
      return [];
  }
}

class TreeReader {
  constructor(private readonly text: string) {}

  read(node: SyntaxNode): Expression {
    switch (node.name) {
      case 'NumberDurationLiteral':
        return { kind: 'number', value: Number(this.textOf(node)) };
      case 'ParenExpr':
        return this.read(this.expressionsIn(node)[0]);
      case 'VectorSelector':
        return this.readSelector(node);
      case 'MatrixSelector':
        return { ...this.readInnerSelector(node), rangeMs: this.durationIn(node, 'DurationExpr') };
      case 'OffsetExpr':
        return { ...this.readInnerSelector(node), offsetMs: this.durationIn(node, 'OffsetDurationExpr') };
      case 'FunctionCall':
        return {
          kind: 'call',
          name: this.textOf(child(node, 'FunctionIdentifier')),
          arguments: this.expressionsIn(child(node, 'FunctionCallBody')).map((each) => this.read(each)),
        };
      case 'AggregateExpr':
        return this.readAggregate(node);
      case 'BinaryExpr':
        return this.readBinary(node);
      default:
        throw new SyntaxError(`${node.name} is not understood here: ${this.textOf(node)}`);
    }
  }

  private readSelector(node: SyntaxNode): Selector {
    const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    return {
      kind: 'selector',
      name: this.textOf(child(node, 'Identifier')),
      matchers: matchers.map((matcher) => {
        const value = JSON.parse(this.textOf(child(matcher, 'StringLiteral'))) as string;
        return {
          label: this.textOf(child(matcher, 'LabelName')),
          operator: this.textOf(child(matcher, 'MatchOp')) as Matcher['operator'],
          value,
          pattern: new RegExp(`^(?:${value})$`),
        };
      }),
    };
  }

  private readInnerSelector(node: SyntaxNode): Selector {
    const inner = this.read(this.expressionsIn(node)[0]);
    if (inner.kind !== 'selector') throw new SyntaxError(`A range or offset of no selector: ${this.textOf(node)}`);
    return inner;
  }

  private readAggregate(node: SyntaxNode): Expression {
    const modifier = node.getChild('AggregateModifier');
    const [argument] = this.expressionsIn(child(node, 'FunctionCallBody'));
    return {
      kind: 'aggregate',
      name: this.textOf(child(node, 'AggregateOp')),
      argument: this.read(argument),
      grouping: modifier ? this.readGrouping(modifier, 'By') : { isKept: true, labels: [] },
    };
  }

  private readBinary(node: SyntaxNode): Expression {
    const [left, right] = this.expressionsIn(node);
    if (right === undefined) throw new SyntaxError(`One side only: ${this.textOf(node)}`);
    const clause = node.getChild('MatchingModifierClause');
    if (node.getChild('BoolModifier') || clause?.getChild('GroupLeft') || clause?.getChild('GroupRight')) {
      throw new SyntaxError(`bool and group modifiers are not understood here: ${this.textOf(node)}`);
    }
    return {
      kind: 'binary',
      operator: this.text.slice(left.to, right.from).trim().split(/[\s(]/)[0] ?? '',
      left: this.read(left),
      right: this.read(right),
      matching: clause ? this.readGrouping(clause, 'On') : { isKept: false, labels: [] },
    };
  }

  private readGrouping(node: SyntaxNode, keeping: string): Grouping {
    const labels = child(node, 'GroupingLabels').getChildren('LabelName');
    return { isKept: node.getChild(keeping) !== null, labels: labels.map((label) => this.textOf(label)) };
  }

  private durationIn(node: SyntaxNode, name: string): number {
    return parseDuration(this.textOf(child(node, name)));
  }

  private expressionsIn(node: SyntaxNode): [SyntaxNode, ...SyntaxNode[]] {
    const [first, ...others] = node.getChildren('Expr');
    if (first === undefined) throw new SyntaxError(`Nothing in ${this.textOf(node)}`);
    return [first, ...others];
  }

  private textOf({ from, to }: SyntaxNode): string {
    return this.text.slice(from, to);
  }
}

function child(node: SyntaxNode, name: string): SyntaxNode {
  const found = node.getChild(name);
  if (found === null) throw new SyntaxError(`${node.name} without ${name} is not understood here`);
  return found;
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `5m` or `1h30m`. Throws for anything else. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/gy)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text) throw new SyntaxError(`No duration: ${text}`);
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0);
}
