import { readCheckoutFile } from '../../deployment/checkout.js';

export const DASHBOARD_PATH = 'deploy/grafana/tandem-routing.dashboard.json';

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr: string; legendFormat: string }[];
  fieldConfig?: { defaults: { unit?: string } };
}

export interface Variable {
  name: string;
  type: string;
  query: string;
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  templating: { list: Variable[] };
  annotations: { list: { name: string; expr: string; textFormat: string }[] };
  panels: Panel[];
}

export function readDashboard(): Dashboard {
  return JSON.parse(readCheckoutFile(DASHBOARD_PATH)) as Dashboard;
}

export interface DashboardQuery {
  panel: string;
  text: string;
  /** What stands beside each series, with its labels in double braces. */
  legend: string;
}

/** Every query with the title of its panel, as Grafana sends it where all is chosen and a scrape is made every 15 seconds. */
export function dashboardQueries({ panels, annotations }: Dashboard): DashboardQuery[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ panel: title, text: expr, legend: legendFormat })),
  );
  const ofAnnotations = annotations.list.map(({ name, expr, textFormat }) => ({
    panel: name,
    text: expr,
    legend: textFormat,
  }));
  return [...ofPanels, ...ofAnnotations].map((query) => ({
    ...query,
    text: query.text.replaceAll('$__rate_interval', '1m').replace(/\$(app|instance)\b/g, '.*'),
  }));
}

/** The metrics and labels whose values the reader may choose among. */
export function dashboardChoices({ templating }: Dashboard): { selector: string; label: string }[] {
  const queries = templating.list.filter(({ type }) => type === 'query').map(({ query }) => query);
  return queries.map((query) => {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    return { selector: selector.replace('$app', '.*'), label };
  });
}
