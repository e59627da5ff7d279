import { CandlestickSeries, type MouseEventParams } from 'lightweight-charts';
import type { PriceData } from '../src/chart-data.ts';
import { unpackColumn } from '../src/packed-column.ts';
import { chartIn, secondsOf, timeOf } from './chart-base.ts';
import type { Clock } from './clock.ts';
import { byId, element, onClick } from './elements.ts';
import { number, percent, quantity, toneOf } from './text.ts';
import { type MarksShown, TradeMarks } from './trade-marks.ts';
import { at, type Trades } from './trades.ts';

const CANDLES_AROUND = 30;

/** What else of the page can do with the price chart. */
export interface PriceChart {
  /** Shows one trade with what was around it. */
  showTrade(row: number): void;
}

/** Draws prices with trades; the reader chooses the symbol. */
export function drawPrices(
  prices: readonly PriceData[],
  trades: Trades,
  clock: Clock,
): PriceChart | undefined {
  const made = chartIn('price-chart', clock, (colours) => {
    candles.applyOptions({
      upColor: colours.up,
      downColor: colours.down,
      wickUpColor: colours.up,
      wickDownColor: colours.down,
      borderVisible: false,
    });
    marks.recolour(colours);
  });
  if (made === undefined || prices.length === 0) return undefined;
  const { chart } = made;
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false });
  const marks = new TradeMarks(trades, (shown) => tellShown(shown, shownPrice));
  candles.attachPrimitive(marks);
  let shownPrice = prices[0] as PriceData;
  const show = (place: number): void => {
    shownPrice = prices[place] as PriceData;
    candles.applyOptions({
      priceFormat: {
        type: 'price',
        precision: shownPrice.decimals,
        minMove: 10 ** -shownPrice.decimals,
      },
    });
    marks.show([], 1);
    candles.setData(candlesOf(shownPrice));
    const { symbolIndex } = trades;
    const rows = Array.from({ length: trades.count }, (_, row) => row).filter(
      (row) => at(symbolIndex, row) === shownPrice.symbolIndex,
    );
    marks.show(rows, shownPrice.barsPerCandle);
    chart.timeScale().fitContent();
    legend();
  };
  const legend = (event?: MouseEventParams): void => {
    const bar = event?.seriesData.get(candles) ?? candles.data().at(-1);
    const trade =
      event?.point === undefined ? undefined : marks.light(event.point.x, event.point.y);
    writeLegend(bar, trade, { price: shownPrice, trades, clock });
  };
  chart.subscribeCrosshairMove(legend);
  made.paint();
  show(0);
  const select = byId<HTMLSelectElement>('price-symbol');
  if (select !== undefined && prices.length > 1) {
    select.hidden = false;
    select.addEventListener('change', () => show(Number(select.value)));
  }
  onClick('price-fit', () => chart.timeScale().fitContent());
  return {
    showTrade: (row) => {
      const place = prices.findIndex((one) => one.symbolIndex === at(trades.symbolIndex, row));
      if (place < 0) return;
      if (prices[place] !== shownPrice) {
        if (select !== undefined) select.value = String(place);
        show(place);
      }
      const { barsPerCandle } = shownPrice;
      const from = at(trades.entryRow, row) / barsPerCandle;
      const to = at(trades.exitRow, row) / barsPerCandle;
      const around = Math.max(CANDLES_AROUND, to - from);
      chart.timeScale().setVisibleLogicalRange({ from: from - around, to: to + around });
      byId('price')?.scrollIntoView({ block: 'start' });
    },
  };
}

function candlesOf(price: PriceData) {
  const [open, high, low, close] = [price.open, price.high, price.low, price.close].map(
    unpackColumn,
  );
  return Array.from(unpackColumn(price.startS), (seconds, row) => ({
    time: timeOf(seconds),
    open: open?.[row] ?? 0,
    high: high?.[row] ?? 0,
    low: low?.[row] ?? 0,
    close: close?.[row] ?? 0,
  }));
}

function tellShown(
  { shown, inView }: MarksShown,
  { barsPerCandle, bars, hasSplits }: PriceData,
): void {
  const hint = byId('price-hint');
  if (hint === undefined) return;
  const each =
    barsPerCandle === 1
      ? 'Each candle is a bar'
      : `Each candle joins ${number(barsPerCandle, 0)} of ${number(bars, 0)} bars`;
  const which =
    inView === shown
      ? `${number(shown, 0)} trades in view`
      : `The ${shown} of ${number(inView, 0)} trades in view with the largest outcome; zoom in for the others`;
  const prices = hasSplits ? ' Prices are as they traded: a split is a step in them.' : '';
  hint.textContent = `${each}.${prices} ${which}. ▲ entry of a long, ▼ of a short, ● exit; the line is green where it won. Drag to move, hold Ctrl and turn the wheel or pinch to zoom.`;
}

interface LegendParts {
  readonly price: PriceData;
  readonly trades: Trades;
  readonly clock: Clock;
}

function writeLegend(
  bar: unknown,
  trade: number | undefined,
  { price, trades, clock }: LegendParts,
): void {
  const place = byId('price-chart-legend');
  if (place === undefined) return;
  const parts: HTMLElement[] = [element('b', price.symbol)];
  const candle = bar as {
    open?: number;
    high?: number;
    low?: number;
    close?: number;
    time?: number;
  };
  if (trade !== undefined) parts.push(...tradeWords(trade, { price, trades, clock }));
  else if (candle?.close !== undefined) {
    const text = (value = Number.NaN) => number(value, price.decimals);
    parts.push(
      element(
        'span',
        `O ${text(candle.open)}  H ${text(candle.high)}  L ${text(candle.low)}  C ${text(candle.close)}`,
      ),
      element('span', clock.full(secondsOf(candle.time as never)), 'dim'),
    );
  }
  place.replaceChildren(...parts);
}

function tradeWords(row: number, { trades, clock, price }: LegendParts): HTMLElement[] {
  const net = at(trades.net, row);
  const isOpen = row >= trades.openFrom;
  const side = at(trades.side, row) > 0 ? 'Long' : 'Short';
  const text = (column: Float64Array) => number(at(column, row), price.decimals);
  const until = isOpen ? 'open' : clock.full(at(trades.exitAtS, row));
  return [
    element(
      'span',
      `${side} ${quantity(at(trades.quantity, row), trades.quantityPlaces)} at ${text(trades.entryPrice)} → ${text(trades.exitPrice)}`,
    ),
    element(
      'b',
      `${number(net, 2, true)} (${percent(at(trades.returnFraction, row), 2, true)})`,
      toneOf(net),
    ),
    element('span', `${clock.full(at(trades.entryAtS, row))} to ${until}`, 'dim'),
  ];
}
