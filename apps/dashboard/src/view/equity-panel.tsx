import {
  AreaSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'preact/hooks';
import type { EquityPoint } from '../api.ts';
import { formatGain, formatScaled, formatShare, toneOf } from '../format.ts';
import { chartOptions, useColours } from './chart-theme.ts';
import { Panel } from './panel.tsx';
import type { Screen } from './screen.ts';

const equityOf = (point: EquityPoint): number => point.cashMicros + point.marketValueMicros;

/** The account's equity over the run. */
export function EquityPanel(screen: Screen) {
  const { state, clock } = screen;
  const { equity } = state;
  const colours = useColours();
  const place = useRef<HTMLDivElement>(null);
  /** Somebody looks at a part of it: it stays there until a double click. */
  const touched = useRef(false);
  const drawn = useRef<{ chart: IChartApi; area: ISeriesApi<'Area'> } | undefined>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const chart = createChart(place.current, {
      autoSize: true,
      layout: { attributionLogo: false },
    });
    const area = chart.addSeries(AreaSeries, {
      lineWidth: 2,
      priceFormat: {
        type: 'custom',
        minMove: 0.01,
        formatter: (value: number) =>
          formatScaled(Math.round(value * 100), { scale: 2, min: 0, max: value < 10_000 ? 2 : 0 }),
      },
    });
    drawn.current = { chart, area };
    const touch = (): void => {
      touched.current = true;
    };
    const fit = (): void => {
      touched.current = false;
      chart.timeScale().fitContent();
    };
    const at = place.current;
    at.addEventListener('wheel', touch, { passive: true });
    at.addEventListener('pointerdown', touch);
    at.addEventListener('dblclick', fit);
    return () => chart.remove();
  }, []);
  useEffect(() => {
    const { accent, faint } = colours;
    drawn.current?.chart.applyOptions(chartOptions(colours, clock));
    drawn.current?.area.applyOptions({
      lineColor: accent,
      topColor: faint,
      bottomColor: 'transparent',
    });
  }, [colours, clock]);
  useEffect(() => {
    const points = new Map<UTCTimestamp, number>();
    for (const point of equity) {
      points.set(Math.floor(point.atUs / 1e6) as UTCTimestamp, equityOf(point) / 1e6);
    }
    drawn.current?.area.setData([...points].map(([time, value]) => ({ time, value })));
    if (!touched.current) drawn.current?.chart.timeScale().fitContent();
  }, [equity]);
  const first = equity[0];
  const last = equity.at(-1);
  const gain =
    first === undefined || last === undefined ? undefined : equityOf(last) - equityOf(first);
  return (
    <Panel screen={screen} area="equity" title="Equity" parts={['equity']}>
      <p class="quote">
        <b class={toneOf(gain)}>{formatGain(gain)}</b>
        <span class={toneOf(gain)}>
          {formatShare(gain, first === undefined ? undefined : equityOf(first))}
        </span>
        <span class="label">since {clock.dayTime(first?.atUs ?? 0)}</span>
      </p>
      <div class="chart" ref={place} role="img" aria-label="Equity over the run" />
    </Panel>
  );
}
