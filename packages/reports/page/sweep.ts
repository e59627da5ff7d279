import type { SweepData } from '../src/sweep-report.ts';
import { type Column, DataTable } from './data-table.ts';
import { byId, element, pageData } from './elements.ts';
import { HeatMap } from './heat-map.ts';
import { type MetricColumn, type Sweep, sweepModel } from './sweep-model.ts';
import { number } from './text.ts';
import { onPrint, startTheme } from './theme.ts';
import { startTips } from './tips.ts';

const BEST = -1;

const data = pageData<SweepData>();
const sweep = sweepModel(data);
startTheme();
startTips();
onPrint(
  () => {},
  () => {},
);
const ranked = sweep.metrics.find(({ key }) => key === data.rankBy) ?? sweep.metrics[0];
if (ranked !== undefined && sweep.count > 0) {
  startHeatMap(sweep, ranked);
  const columns = columnsOf(sweep, ranked);
  const column = columns.findIndex(({ title }) => title === ranked.title);
  new DataTable({
    id: 'sweep-table',
    caption: 'Combinations',
    count: sweep.count,
    columns,
    sortedBy: { column, descending: ranked.better !== 'lower' },
  }).mount();
}

function choice(
  label: string,
  options: readonly string[],
  chosen: number,
  onChange: (index: number) => void,
): HTMLElement {
  const place = element('label', `${label} `);
  const select = element('select');
  for (const text of options) select.append(element('option', text));
  select.selectedIndex = chosen;
  select.addEventListener('change', () => onChange(select.selectedIndex));
  place.append(select);
  return place;
}

function startHeatMap({ axes, metrics }: Sweep, first: MetricColumn): void {
  const canvas = byId<HTMLCanvasElement>('heat-canvas');
  const controls = byId('heat-controls');
  if (canvas === undefined || controls === undefined) return;
  const map = new HeatMap(sweep, canvas);
  let metric = metrics.indexOf(first);
  let across = 0;
  let up = Math.min(1, axes.length - 1);
  let byNeighbours = 0;
  const fixed = axes.map(() => BEST);
  const names = axes.map(({ name }) => name);
  const show = (): void => {
    map.show({
      metric: metrics[metric] ?? first,
      across,
      up,
      fixed: fixed.map((place, axis) => (axis === across || axis === up ? BEST : place)),
      byNeighbours: byNeighbours === 1,
    });
    controls.replaceChildren(
      choice(
        'Metric',
        metrics.map(({ title }) => title),
        metric,
        (index) => {
          metric = index;
          show();
        },
      ),
      choice('Colour', ['its own value', 'with its neighbours'], byNeighbours, (index) => {
        byNeighbours = index;
        show();
      }),
      ...(axes.length < 2
        ? []
        : [
            choice('Across', names, across, (index) => {
              if (index === up) up = across;
              across = index;
              show();
            }),
            choice('Up', names, up, (index) => {
              if (index === across) across = up;
              up = index;
              show();
            }),
          ]),
      ...axes.flatMap(({ name, values }, axis) =>
        axis === across || axis === up
          ? []
          : [
              choice(
                name,
                ['best of all', ...values.map(String)],
                (fixed[axis] ?? BEST) + 1,
                (index) => {
                  fixed[axis] = index - 1;
                  show();
                },
              ),
            ],
      ),
    );
  };
  show();
}

function columnsOf({ axes, metrics, combination, place }: Sweep, by: MetricColumn): Column[] {
  const at = (column: Float64Array, row: number): number => column[row] ?? Number.NaN;
  const ofMetric = (
    title: string,
    values: Float64Array,
    text: (value: number) => string,
  ): Column => ({
    title,
    isNumber: true,
    key: (row) => at(values, row),
    text: (row) => text(at(values, row)),
  });
  return [
    ofMetric('#', combination, (value) => number(value, 0)),
    ...axes.map(
      ({ name, values }, axis): Column => ({
        title: name,
        isNumber: values.every((value) => typeof value === 'number'),
        key: (row) => place(row, axis),
        text: (row) => String(values[place(row, axis)] ?? ''),
      }),
    ),
    ofMetric(by.title, by.values, by.text),
    ofMetric('Neighbours: mean', by.near.mean, by.text),
    ofMetric('worst', by.near.worst, by.text),
    ofMetric('σ', by.near.deviation, by.text),
    ...metrics
      .filter((metric) => metric !== by)
      .map((metric) => ofMetric(metric.title, metric.values, metric.text)),
  ];
}
