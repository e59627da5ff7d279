import {
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'preact/hooks';
import type { Bar, Fill } from '../api.ts';
import {
  decimalsOfTick,
  formatPrice,
  formatQuantity,
  formatShare,
  NONE,
  toneOf,
} from '../format.ts';
import { type ChartColours, chartOptions, useColours } from './chart-theme.ts';
import { Panel } from './panel.tsx';
import { instrumentOf, type Screen, scaleOf } from './screen.ts';

interface Drawn {
  readonly chart: IChartApi;
  readonly candles: ISeriesApi<'Candlestick'>;
  readonly volume: ISeriesApi<'Histogram'>;
  readonly markers: ISeriesMarkersPluginApi<Time>;
}

const secondsOf = (us: number): UTCTimestamp => Math.floor(us / 1_000_000) as UTCTimestamp;

/** The price of one symbol with the fills on it. */
export function PricePanel(screen: Screen) {
  const { state, clock, dispatch } = screen;
  const { symbol, bars, overview } = state;
  const colours = useColours();
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | undefined>(undefined);
  const places = decimalsOfTick(
    (symbol === undefined ? undefined : instrumentOf(screen, symbol))?.tickNanos ?? 10_000_000,
  );
  useEffect(() => {
    const made = place.current === null ? undefined : draw(place.current);
    drawn.current = made;
    return () => made?.chart.remove();
  }, []);
  useEffect(() => {
    const now = drawn.current;
    if (now === undefined) return;
    now.chart.applyOptions(chartOptions(colours, clock));
    now.candles.applyOptions({
      ...candleColours(colours),
      priceFormat: { type: 'price', precision: places, minMove: 10 ** -places },
    });
  }, [colours, clock, places]);
  useEffect(() => drawn.current?.chart.timeScale().resetTimeScale(), [symbol]);
  useEffect(() => {
    drawn.current?.candles.setData(bars.map(candleOf));
    drawn.current?.volume.setData(
      bars.map((bar) => ({
        time: secondsOf(bar.startUs),
        value: bar.volume,
        color: colours.faint,
      })),
    );
  }, [bars, colours]);
  useEffect(() => {
    const mine = state.fills.filter((fill) => fill.symbol === symbol && fill.kind === 'fill');
    drawn.current?.markers.setMarkers(
      markersOf(mine, bars, colours, scaleOf(screen, symbol ?? '')),
    );
  }, [state.fills, symbol, bars, colours]);
  const symbols = [...new Set((overview?.feeds ?? []).flatMap((feed) => feed.symbols))].sort();
  const last = bars.at(-1);
  const first = bars.find((bar) => clock.day(bar.startUs) === clock.day(last?.startUs ?? 0));
  const change =
    last === undefined || first === undefined ? undefined : last.closeNanos - first.openNanos;
  const tools = (
    <select
      aria-label="Symbol"
      value={symbol}
      onChange={(event) => dispatch({ kind: 'symbol', symbol: event.currentTarget.value })}
    >
      {symbols.map((one) => (
        <option key={one}>{one}</option>
      ))}
    </select>
  );
  return (
    <Panel screen={screen} area="price" title="Price" parts={['bars']} tools={tools}>
      <p class="quote">
        <b>{formatPrice(last?.closeNanos, places)}</b>
        <span class={toneOf(change)}>{formatShare(change, first?.openNanos)}</span>
        <span class="label wide">
          O {formatPrice(last?.openNanos, places)} H {formatPrice(last?.highNanos, places)} L{' '}
          {formatPrice(last?.lowNanos, places)} V{' '}
          {last === undefined ? NONE : formatQuantity(last.volume, scaleOf(screen, last.symbol))}
        </span>
      </p>
      <div class="chart" ref={place} role="img" aria-label={`Price of ${symbol ?? ''} by minute`} />
    </Panel>
  );
}

function draw(place: HTMLDivElement): Drawn {
  const chart = createChart(place, { autoSize: true, layout: { attributionLogo: false } });
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: true });
  const volume = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.2 } });
  return { chart, candles, volume, markers: createSeriesMarkers(candles, []) };
}

function candleColours({ up, down }: ChartColours) {
  return {
    upColor: up,
    downColor: down,
    wickUpColor: up,
    wickDownColor: down,
    borderVisible: false,
  };
}

const candleOf = (bar: Bar) => ({
  time: secondsOf(bar.startUs),
  open: bar.openNanos / 1e9,
  high: bar.highNanos / 1e9,
  low: bar.lowNanos / 1e9,
  close: bar.closeNanos / 1e9,
});

function markersOf(
  fills: readonly Fill[],
  bars: readonly Bar[],
  colours: ChartColours,
  scale: number,
): SeriesMarker<Time>[] {
  const first = bars[0]?.startUs ?? Number.MAX_SAFE_INTEGER;
  return fills
    .filter((fill) => fill.eventAtUs >= first)
    .map((fill): SeriesMarker<Time> => {
      const buys = fill.side === 'buy';
      return {
        time: secondsOf(fill.eventAtUs - (fill.eventAtUs % 60_000_000)),
        position: buys ? 'belowBar' : 'aboveBar',
        shape: buys ? 'arrowUp' : 'arrowDown',
        color: buys ? colours.accent : colours.down,
        text: `${buys ? 'B' : 'S'} ${formatQuantity(fill.quantity, scale)}`,
        size: 1,
      };
    })
    .sort((a, b) => Number(a.time) - Number(b.time));
}
