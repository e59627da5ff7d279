import type {
  IChartApi,
  IPrimitivePaneRenderer,
  ISeriesApi,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import type { Colours } from './theme.ts';
import { at, type Trades } from './trades.ts';

/** Trades that are marked at once, at most: more could not be told apart. */
const MARKS_MAX = 240;
const NEAR_PX = 14;

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** One mark on the screen, in pixels of the chart. */
interface Mark {
  readonly row: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** What of the trades in view is marked. */
export interface MarksShown {
  readonly shown: number;
  readonly inView: number;
}

/** Entries and exits on the candles of one symbol, joined by a line in the colour of the outcome. */
export class TradeMarks implements ISeriesPrimitive<Time> {
  readonly #trades: Trades;
  readonly #onShown: (shown: MarksShown) => void;
  #chart: IChartApi | undefined;
  #series: ISeriesApi<'Candlestick'> | undefined;
  #update: (() => void) | undefined;
  #rows: readonly number[] = [];
  #barsPerCandle = 1;
  #colours: Colours | undefined;
  #marks: Mark[] = [];
  #chosen: { readonly key: string; readonly rows: readonly number[] } = { key: '', rows: [] };
  #lit: number | undefined;

  constructor(trades: Trades, onShown: (shown: MarksShown) => void) {
    this.#trades = trades;
    this.#onShown = onShown;
  }

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart as IChartApi;
    this.#series = series as ISeriesApi<'Candlestick'>;
    this.#update = requestUpdate;
  }

  detached(): void {
    this.#chart = undefined;
    this.#series = undefined;
  }

  paneViews() {
    return [
      {
        zOrder: () => 'top' as const,
        renderer: () => ({ draw: (target: Target) => this.#draw(target) }),
      },
    ];
  }

  /** Shows the trades of a symbol on candles of so many bars. */
  show(rows: readonly number[], barsPerCandle: number): void {
    this.#rows = rows;
    this.#barsPerCandle = barsPerCandle;
    this.#chosen = { key: '', rows: [] };
    this.#update?.();
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#update?.();
  }

  /** Returns the trade nearest to a point, `undefined` where none is near, and lights it. */
  light(x: number, y: number): number | undefined {
    let nearest: number | undefined;
    let least = NEAR_PX;
    for (const mark of this.#marks) {
      const distance = distanceTo(mark, x, y);
      if (distance >= least) continue;
      least = distance;
      nearest = mark.row;
    }
    if (nearest !== this.#lit) {
      this.#lit = nearest;
      this.#update?.();
    }
    return nearest;
  }

  /** The trades in view, or of too many those with the largest outcome. */
  #inView(): readonly number[] {
    const range = this.#chart?.timeScale().getVisibleLogicalRange();
    if (range === null || range === undefined) return [];
    const key = `${Math.floor(range.from)} ${Math.ceil(range.to)}`;
    if (this.#chosen.key === key) return this.#chosen.rows;
    const { entryRow, exitRow, net } = this.#trades;
    const from = range.from * this.#barsPerCandle;
    const to = (range.to + 1) * this.#barsPerCandle;
    const rows = this.#rows.filter((row) => at(exitRow, row) >= from && at(entryRow, row) <= to);
    const chosen =
      rows.length <= MARKS_MAX
        ? rows
        : [...rows].sort((a, b) => Math.abs(at(net, b)) - Math.abs(at(net, a))).slice(0, MARKS_MAX);
    this.#chosen = { key, rows: chosen };
    this.#onShown({ shown: chosen.length, inView: rows.length });
    return chosen;
  }

  #place(row: number): Mark | undefined {
    const { entryRow, exitRow, entryPrice, exitPrice } = this.#trades;
    const scale = this.#chart?.timeScale();
    const candle = (bar: number) => Math.floor(bar / this.#barsPerCandle) as Logical;
    const x1 = scale?.logicalToCoordinate(candle(at(entryRow, row)));
    const x2 = scale?.logicalToCoordinate(candle(at(exitRow, row)));
    const y1 = this.#series?.priceToCoordinate(at(entryPrice, row));
    const y2 = this.#series?.priceToCoordinate(at(exitPrice, row));
    if (x1 == null || x2 == null || y1 == null || y2 == null) return undefined;
    return { row, x1, y1, x2, y2 };
  }

  #draw(target: Target): void {
    const colours = this.#colours;
    if (colours === undefined) return;
    this.#marks = this.#inView().flatMap((row) => this.#place(row) ?? []);
    target.useMediaCoordinateSpace(({ context }) => {
      for (const mark of this.#marks) this.#drawMark(context, mark, colours);
    });
  }

  #drawMark(context: CanvasRenderingContext2D, mark: Mark, colours: Colours): void {
    const { net, side } = this.#trades;
    const isLit = mark.row === this.#lit;
    const size = isLit ? 6 : 4.5;
    const outcome = at(net, mark.row) < 0 ? colours.down : colours.up;
    context.strokeStyle = outcome;
    context.lineWidth = isLit ? 2 : 1;
    context.setLineDash(isLit ? [] : [3, 2]);
    context.beginPath();
    context.moveTo(mark.x1, mark.y1);
    context.lineTo(mark.x2, mark.y2);
    context.stroke();
    context.setLineDash([]);
    const up = at(side, mark.row) > 0 ? 1 : -1;
    context.fillStyle = colours.accent;
    context.strokeStyle = colours.panel;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(mark.x1, mark.y1 - up * size);
    context.lineTo(mark.x1 + size, mark.y1 + up * size * 0.8);
    context.lineTo(mark.x1 - size, mark.y1 + up * size * 0.8);
    context.closePath();
    context.fill();
    context.stroke();
    context.fillStyle = outcome;
    context.beginPath();
    context.arc(mark.x2, mark.y2, size * 0.75, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

/** Pixels from a point to the line of a mark. */
function distanceTo({ x1, y1, x2, y2 }: Mark, x: number, y: number): number {
  const dx = x2 - x1;
  const dy = y2 - y1;
  const length = dx * dx + dy * dy;
  const along =
    length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}
