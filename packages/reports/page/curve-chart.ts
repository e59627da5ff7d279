import {
  AreaSeries,
  type AreaSeriesPartialOptions,
  BaselineSeries,
  type ISeriesApi,
  LineSeries,
  type MouseEventParams,
  PriceScaleMode,
  type SeriesType,
} from 'lightweight-charts';
import type { ChartData, CurveData, RollingData } from '../src/chart-data.ts';
import { type PackedColumn, unpackColumn } from '../src/packed-column.ts';
import { chartIn, secondsOf, timeOf } from './chart-base.ts';
import type { Clock } from './clock.ts';
import { byId, element, onClick } from './elements.ts';
import { money, number, percent } from './text.ts';

interface Point {
  readonly time: ReturnType<typeof timeOf>;
  readonly value: number;
}

/** Points of a column; a second that comes twice keeps its last value. */
export function pointsOf(atS: PackedColumn, column: PackedColumn): Point[] {
  const times = unpackColumn(atS);
  const values = unpackColumn(column);
  const points: Point[] = [];
  for (const [row, seconds] of times.entries()) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (points.at(-1)?.time === seconds) points.pop();
    points.push({ time: timeOf(seconds), value });
  }
  return points;
}

const formatOf = (formatter: (value: number) => string, minMove: number) => ({
  type: 'custom' as const,
  minMove,
  formatter,
});

/** One value of a legend. */
interface LegendRow {
  readonly name: string;
  readonly tone: string;
  readonly series: ISeriesApi<SeriesType>;
  readonly text: (value: number) => string;
}

/** Writes the values under the pointer, or the last ones, above a chart. */
function legendOf(id: string, clock: Clock, rows: readonly LegendRow[]) {
  const place = byId(`${id}-legend`);
  return (event?: MouseEventParams): void => {
    if (place === undefined) return;
    const parts = rows.flatMap(({ name, tone, series, text }) => {
      const at = event?.seriesData.get(series) ?? series.data().at(-1);
      const value = at !== undefined && 'value' in at ? at.value : undefined;
      if (typeof value !== 'number') return [];
      const item = element('span', '', 'legend-item');
      item.append(element('i', '', `key ${tone}`), name, ' ', element('b', text(value)));
      return [item];
    });
    const seconds = event?.time === undefined ? undefined : secondsOf(event.time);
    if (seconds !== undefined) parts.push(element('span', clock.full(seconds), 'dim'));
    place.replaceChildren(...parts);
  };
}

/** Draws equity and benchmark, with the drawdown below. */
export function drawCurve(curve: CurveData, clock: Clock, paneHeight = 110): void {
  const made = chartIn('curve', clock, (colours) => {
    equity.applyOptions({
      lineColor: colours.accent,
      topColor: colours.faint,
      bottomColor: 'transparent',
    });
    benchmark?.applyOptions({ color: colours.dim });
    drawdown.applyOptions({
      lineColor: colours.down,
      topColor: 'transparent',
      bottomColor: colours.downFaint,
    });
  });
  if (made === undefined) return;
  const { chart } = made;
  const quiet = { priceLineVisible: false, lastValueVisible: true } as const;
  const benchmark =
    curve.benchmark === undefined
      ? undefined
      : chart.addSeries(LineSeries, {
          ...quiet,
          lineWidth: 1,
          lastValueVisible: false,
          priceFormat: formatOf(money, 0.01),
        });
  const equity = chart.addSeries(AreaSeries, {
    ...quiet,
    lineWidth: 2,
    priceFormat: formatOf(money, 0.01),
  } satisfies AreaSeriesPartialOptions);
  const drawdown = chart.addSeries(
    AreaSeries,
    { ...quiet, lineWidth: 1, invertFilledArea: true, priceFormat: formatOf(percent, 0.0001) },
    1,
  );
  drawdown.priceScale().applyOptions({ scaleMargins: { top: 0.04, bottom: 0.06 } });
  equity.setData(pointsOf(curve.atS, curve.equity));
  if (curve.benchmark !== undefined) benchmark?.setData(pointsOf(curve.atS, curve.benchmark));
  drawdown.setData(pointsOf(curve.atS, curve.drawdown));
  chart.panes()[1]?.setHeight(paneHeight);
  const legend = legendOf('curve', clock, [
    { name: 'Equity', tone: 'accent', series: equity, text: money },
    ...(benchmark === undefined
      ? []
      : [{ name: curve.benchmarkName ?? '', tone: 'dim', series: benchmark, text: money }]),
    { name: 'Drawdown', tone: 'down', series: drawdown, text: percent },
  ]);
  chart.subscribeCrosshairMove(legend);
  legend();
  made.paint();
  chart.timeScale().fitContent();
  onClick('curve-fit', () => chart.timeScale().fitContent());
  const isPositive = equity.data().every((point) => 'value' in point && point.value > 0);
  if (!isPositive) return;
  onClick('curve-log', (button) => {
    const isLog = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isLog));
    const mode = isLog ? PriceScaleMode.Logarithmic : PriceScaleMode.Normal;
    equity.priceScale().applyOptions({ mode });
  });
}

/** Draws the rolling Sharpe ratio, coloured by its sign. */
export function drawRolling(rolling: RollingData | undefined, clock: Clock): void {
  if (rolling === undefined) return;
  const made = chartIn('rolling', clock, (colours) =>
    line.applyOptions({
      topLineColor: colours.up,
      bottomLineColor: colours.down,
      topFillColor1: 'transparent',
      topFillColor2: 'transparent',
      bottomFillColor1: 'transparent',
      bottomFillColor2: colours.downFaint,
    }),
  );
  if (made === undefined) return;
  const text = (value: number) => number(value, 2);
  const line = made.chart.addSeries(BaselineSeries, {
    baseValue: { type: 'price', price: 0 },
    lineWidth: 2,
    priceLineVisible: false,
    priceFormat: formatOf(text, 0.01),
  });
  line.setData(pointsOf(rolling.atS, rolling.sharpe));
  const legend = legendOf('rolling', clock, [{ name: 'Sharpe', tone: 'dim', series: line, text }]);
  made.chart.subscribeCrosshairMove(legend);
  legend();
  made.paint();
  made.chart.timeScale().fitContent();
}

/** Draws gross exposure. */
export function drawExposure({ curve }: ChartData, clock: Clock): void {
  if (curve.exposure === undefined) return;
  const made = chartIn('exposure', clock, (colours) =>
    area.applyOptions({
      lineColor: colours.accent,
      topColor: colours.faint,
      bottomColor: colours.faint,
    }),
  );
  if (made === undefined) return;
  const text = (value: number) => percent(value, 1);
  const area = made.chart.addSeries(AreaSeries, {
    lineWidth: 1,
    priceLineVisible: false,
    priceFormat: formatOf(text, 0.001),
  });
  area.setData(pointsOf(curve.atS, curve.exposure));
  const legend = legendOf('exposure', clock, [
    { name: 'Gross ÷ equity', tone: 'accent', series: area, text },
  ]);
  made.chart.subscribeCrosshairMove(legend);
  legend();
  made.paint();
  made.chart.timeScale().fitContent();
}
