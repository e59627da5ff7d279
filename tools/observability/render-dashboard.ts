import { type Dashboard, type Panel, type Query, type Row, selection } from './dashboard.ts';

/** Grafana puts the chosen data source in its place. */
const SOURCE = { type: 'prometheus', uid: '$datasource' } as const;
/** Where a runbook is read, from the root of the project. */
export const RUNBOOKS = 'docs/runbooks';

/** Writes a dashboard as Grafana imports it. */
export function renderDashboard(dashboard: Dashboard, others: readonly Dashboard[]): string {
  const { uid, title, about, variables, rows } = dashboard;
  const model = {
    uid,
    title,
    description: about,
    tags: ['capstan'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: others.filter((other) => other.uid !== uid).map(linkTo),
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Data source',
          type: 'datasource',
          query: 'prometheus',
          current: {},
        },
        variable('namespace', 'Namespace', 'capstan_service_info'),
        ...variables.map(({ name, label, of }) => variable(name, label, of)),
      ],
    },
    panels: layOut(rows, selection(variables)),
  };
  return `${JSON.stringify(model, undefined, 1)}\n`;
}

function linkTo({ uid, title }: Dashboard) {
  const url = `/d/${uid}`;
  return { type: 'link', title, url, icon: 'dashboard', keepTime: true, includeVars: true };
}

/** All of them are chosen at first, also series that do not have the label at all. */
function variable(name: string, label: string, of: string) {
  const all = { text: 'All', value: '$__all' };
  const query = `label_values(${of}, ${name})`;
  return {
    ...{ name, label, type: 'query', datasource: SOURCE, definition: query },
    query: { query, refId: name },
    ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*', current: all },
  };
}

function layOut(rows: readonly Row[], where: string): readonly unknown[] {
  const placed: unknown[] = [];
  let id = 1;
  let y = 0;
  for (const row of rows) {
    const isClosed = row.isClosed === true;
    const head = { x: 0, y, w: 24, h: 1 };
    const inside: unknown[] = [];
    const rowId = id;
    id += 1;
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const panel of row.panels) {
      const { width: w = row.width, height: h = row.height } = panel;
      if (x + w > 24) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      inside.push(panelModel(panel, id, { x, y, w, h }, where));
      id += 1;
      x += w;
      lineHeight = Math.max(lineHeight, h);
    }
    y += lineHeight;
    const own = { type: 'row', id: rowId, title: row.title, collapsed: isClosed, gridPos: head };
    placed.push({ ...own, panels: isClosed ? inside : [] }, ...(isClosed ? [] : inside));
  }
  return placed;
}

function panelModel(panel: Panel, id: number, gridPos: object, where: string) {
  const { title, about, kind = 'lines', unit, decimals, names, alerts = [] } = panel;
  return {
    ...{ id, title, type: kind === 'stat' ? 'stat' : 'timeseries', datasource: SOURCE, gridPos },
    description: alerts.length === 0 ? about : `${about}\n\n${runbookText(alerts)}`,
    targets: panel.queries.map((query, index) => target(query, index, panel, where)),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals === undefined ? {} : { decimals }),
        ...(names === undefined ? {} : { mappings: [mapping(names)] }),
        thresholds: { mode: 'absolute', steps: stepsOf(panel) },
        ...(kind === 'stat'
          ? {}
          : { color: { mode: 'palette-classic' }, custom: drawing(panel, kind === 'stack') }),
      },
      overrides: [],
    },
    options: kind === 'stat' ? STAT : LINES,
  };
}

const runbookText = (alerts: readonly string[]): string =>
  `Runbooks: ${alerts.map((alert) => `${RUNBOOKS}/${alert}.md`).join(', ')}`;

function target({ expr, legend }: Query, index: number, panel: Panel, where: string) {
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: SOURCE,
    expr: expr.replaceAll('$w', where).replaceAll(/\$n\b/g, selection([])),
    legendFormat: legend ?? '__auto',
    ...(panel.kind === 'stat' ? { instant: true, range: false } : { range: true }),
    ...(panel.exemplars === true ? { exemplar: true } : {}),
  };
}

function mapping(names: Readonly<Record<number, string>>) {
  const entries = Object.entries(names).map(([value, text], index) => [value, { text, index }]);
  return { type: 'value', options: Object.fromEntries(entries) };
}

function stepsOf({ thresholds = [[undefined, 'text']] }: Panel) {
  return thresholds.map(([value, color]) => ({ color, value: value ?? null }));
}

function drawing({ thresholds }: Panel, isStacked: boolean) {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: isStacked ? 30 : 8,
    showPoints: 'never',
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
  };
}

const LINES = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' },
} as const;

const STAT = {
  colorMode: 'background',
  graphMode: 'none',
  justifyMode: 'auto',
  textMode: 'auto',
  wideLayout: true,
  reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
} as const;
