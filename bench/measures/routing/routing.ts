import { type BenchOptions, isWanted } from '../../options.js';
import type { BenchStack } from '../../stack/bench-stack.js';
import { type CostFigures, measureCosts } from './costs.js';
import type { InProcessFigures } from './decision-process.js';
import { measureInProcess } from './in-process.js';
import { type MonitorFigures, measureMonitorQueries } from './monitor-queries.js';
import { measureProtection, type ProtectionRound } from './protection.js';

/** What routing between primary and follower costs, and what it spares the primary; what was not measured is missing. */
export interface RoutingFigures {
  inProcess?: InProcessFigures;
  monitor?: MonitorFigures[];
  costs?: CostFigures[];
  protection?: ProtectionRound[];
}

/** Names of the parts, for `--only`. */
export const ROUTING_PARTS = ['decisions', 'monitor', 'costs', 'protection'];

/** On databases of its own: it stops the follower. */
export async function measureRouting(
  stack: BenchStack,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<RoutingFigures> {
  const figures: RoutingFigures = {};
  const isAsked = (part: string): boolean => isWanted(options, 'routing', part);
  if (isAsked('decisions')) {
    say('Routing: decisions in process');
    figures.inProcess = await measureInProcess(stack, options);
  }
  if (isAsked('monitor')) {
    say('Routing: what an idle API asks of each server');
    figures.monitor = await measureMonitorQueries(stack, options.idleSeconds);
  }
  if (isAsked('costs')) figures.costs = await measureCosts(stack, options, say);
  if (isAsked('protection')) figures.protection = await measureProtection(stack, options, say);
  return figures;
}
