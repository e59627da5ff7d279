import { byId, element } from './elements.ts';
import type { MetricColumn, Sweep } from './sweep-model.ts';
import { type Colours, onColours } from './theme.ts';

const PADDING = 14;
const LEFT = 64;
const BOTTOM = 40;
const TOP = 10;
const RIGHT = 12;
const CELL_MAX = 56;
const HEIGHT_MAX = 620;
const TEXT_CELL_WIDTH = 44;
const TEXT_CELL_HEIGHT = 18;

/** What the map shows. */
export interface HeatView {
  readonly metric: MetricColumn;
  readonly across: number;
  readonly up: number;
  /** Place on each other axis; -1 takes the best over it. */
  readonly fixed: readonly number[];
  /** The mean of a combination and its neighbours instead of its own value. */
  readonly byNeighbours: boolean;
}

/** A heat map over two axes of a sweep; the best cell is framed. */
export class HeatMap {
  readonly #sweep: Sweep;
  readonly #canvas: HTMLCanvasElement;
  readonly #legend: HTMLElement;
  #colours: Colours | undefined;
  #view: HeatView | undefined;
  /** Row of the combination of each cell, -1 where none was run. */
  #cells = new Int32Array();
  #width = 0;
  #height = 0;
  #cell = { x: 0, y: 0 };
  #focus: { readonly x: number; readonly y: number } | undefined;

  constructor(sweep: Sweep, canvas: HTMLCanvasElement) {
    this.#sweep = sweep;
    this.#canvas = canvas;
    this.#legend = byId('heat-legend') ?? element('p');
    canvas.addEventListener('pointermove', (event) => this.#point(event));
    canvas.addEventListener('pointerleave', () => this.#show(undefined));
    canvas.addEventListener('keydown', (event) => this.#move(event));
    canvas.addEventListener('blur', () => this.#show(undefined));
    new ResizeObserver(() => this.#draw()).observe(canvas.parentElement ?? canvas);
    onColours((colours) => {
      this.#colours = colours;
      this.#draw();
    });
  }

  /** Shows another metric or other axes. */
  show(view: HeatView): void {
    this.#view = view;
    const { axes, count, place } = this.#sweep;
    const wide = axes[view.across]?.values.length ?? 1;
    const high = view.up === view.across ? 1 : (axes[view.up]?.values.length ?? 1);
    this.#width = wide;
    this.#height = high;
    this.#cells = new Int32Array(wide * high).fill(-1);
    const values = this.#values();
    const way = view.metric.better === 'lower' ? -1 : 1;
    for (let row = 0; row < count; row += 1) {
      const isShown = view.fixed.every((at, axis) => at < 0 || place(row, axis) === at);
      const value = values[row] ?? Number.NaN;
      if (!isShown || Number.isNaN(value)) continue;
      const x = place(row, view.across);
      const y = high === 1 ? 0 : place(row, view.up);
      const before = this.#cells[y * wide + x] ?? -1;
      if (before < 0 || way * value > way * (values[before] ?? 0)) this.#cells[y * wide + x] = row;
    }
    this.#focus = undefined;
    this.#draw();
    this.#tell(this.#best());
  }

  #values(): Float64Array {
    const view = this.#view;
    if (view === undefined) return new Float64Array();
    return view.byNeighbours ? view.metric.near.score : view.metric.values;
  }

  #best(): number {
    const values = this.#values();
    const way = this.#view?.metric.better === 'lower' ? -1 : 1;
    let best = -1;
    for (const row of this.#cells) {
      if (row >= 0 && (best < 0 || way * (values[row] ?? 0) > way * (values[best] ?? 0)))
        best = row;
    }
    return best;
  }

  #draw(): void {
    const view = this.#view;
    const colours = this.#colours;
    const room = (this.#canvas.parentElement?.clientWidth ?? 0) - 2 * PADDING - LEFT - RIGHT;
    const context = this.#canvas.getContext('2d');
    if (view === undefined || colours === undefined || context === null || room <= 0) return;
    const x = Math.min(
      Math.max(1, room / this.#width),
      this.#width < 12 ? room / this.#width : CELL_MAX,
    );
    const y = Math.min(Math.max(2, (HEIGHT_MAX - TOP - BOTTOM) / this.#height), 34);
    this.#cell = { x, y };
    const width = LEFT + RIGHT + x * this.#width;
    const height = TOP + BOTTOM + y * this.#height;
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.#drawCells(context, view, colours);
    this.#drawAxes(context, view, colours);
  }

  #drawCells(context: CanvasRenderingContext2D, view: HeatView, colours: Colours): void {
    const values = this.#values();
    const shown = Array.from(this.#cells).flatMap((row) => (row < 0 ? [] : [values[row] ?? 0]));
    const low = shown.reduce((least, value) => Math.min(least, value), Infinity);
    const high = shown.reduce((most, value) => Math.max(most, value), -Infinity);
    const { x: wide, y: tall } = this.#cell;
    const hasText = wide >= TEXT_CELL_WIDTH && tall >= TEXT_CELL_HEIGHT;
    const best = this.#best();
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const [cell, row] of this.#cells.entries()) {
      if (row < 0) continue;
      const [left, top] = this.#corner(cell % this.#width, Math.floor(cell / this.#width));
      const value = values[row] ?? 0;
      const { colour, share } = shade(value, { low, high, colours, better: view.metric.better });
      context.globalAlpha = 0.08 + 0.92 * share;
      context.fillStyle = colour;
      const gap = wide > 6 && tall > 6 ? 1 : 0;
      context.fillRect(left, top, wide - gap, tall - gap);
      context.globalAlpha = 1;
      if (!hasText) continue;
      context.fillStyle = share > 0.55 ? colours.panel : colours.strong;
      context.fillText(view.metric.text(value), left + wide / 2, top + tall / 2);
    }
    const cellOf = (row: number) => this.#cells.indexOf(row);
    if (best >= 0) this.#frame(context, cellOf(best), colours.strong);
    const { x, y } = this.#focus ?? { x: -1, y: -1 };
    if (x >= 0) this.#frame(context, y * this.#width + x, colours.accent);
  }

  #corner(x: number, y: number): readonly [number, number] {
    return [LEFT + x * this.#cell.x, TOP + (this.#height - 1 - y) * this.#cell.y];
  }

  #frame(context: CanvasRenderingContext2D, cell: number, colour: string): void {
    if (cell < 0) return;
    const [left, top] = this.#corner(cell % this.#width, Math.floor(cell / this.#width));
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(left, top, this.#cell.x - 1, this.#cell.y - 1);
  }

  #drawAxes(context: CanvasRenderingContext2D, view: HeatView, colours: Colours): void {
    const { axes } = this.#sweep;
    const { x: wide, y: tall } = this.#cell;
    const floor = TOP + this.#height * tall;
    context.fillStyle = colours.text;
    context.textBaseline = 'top';
    context.textAlign = 'center';
    const across = axes[view.across];
    const every = Math.max(1, Math.ceil(34 / wide));
    for (const [place, value] of (across?.values ?? []).entries()) {
      if (place % every !== 0) continue;
      context.fillText(String(value), LEFT + (place + 0.5) * wide, floor + 5);
    }
    context.fillText(across?.name ?? '', LEFT + (this.#width * wide) / 2, floor + 22);
    if (this.#height === 1) return;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const up = axes[view.up];
    const step = Math.max(1, Math.ceil(14 / tall));
    for (const [place, value] of (up?.values ?? []).entries()) {
      if (place % step !== 0) continue;
      const [, top] = this.#corner(0, place);
      context.fillText(String(value), LEFT - 8, top + tall / 2);
    }
    context.save();
    context.translate(12, TOP + (this.#height * tall) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = 'center';
    context.fillText(up?.name ?? '', 0, 0);
    context.restore();
  }

  #point(event: PointerEvent): void {
    const box = this.#canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left - LEFT) / this.#cell.x);
    const y = this.#height - 1 - Math.floor((event.clientY - box.top - TOP) / this.#cell.y);
    const isInside = x >= 0 && y >= 0 && x < this.#width && y < this.#height;
    this.#show(isInside ? { x, y } : undefined);
  }

  #move(event: KeyboardEvent): void {
    const steps: Record<string, readonly [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { x, y } = this.#focus ?? { x: 0, y: 0 };
    this.#show({
      x: Math.max(0, Math.min(this.#width - 1, x + step[0])),
      y: Math.max(0, Math.min(this.#height - 1, y + step[1])),
    });
  }

  #show(focus: { readonly x: number; readonly y: number } | undefined): void {
    if (focus?.x === this.#focus?.x && focus?.y === this.#focus?.y) return;
    this.#focus = focus;
    this.#draw();
    this.#tell(
      focus === undefined ? this.#best() : (this.#cells[focus.y * this.#width + focus.x] ?? -1),
    );
  }

  /** Says what a combination came to, and its neighbours. */
  #tell(row: number): void {
    const view = this.#view;
    if (view === undefined) return;
    if (row < 0) {
      this.#legend.replaceChildren(element('span', 'Not run, or without a value', 'dim'));
      return;
    }
    const { axes, place } = this.#sweep;
    const { metric } = view;
    const { near, text } = metric;
    const params = axes.map(
      ({ name, values }, axis) => `${name} ${String(values[place(row, axis)] ?? '')}`,
    );
    const of = (column: Float64Array) => text(column[row] ?? Number.NaN);
    const head = row === this.#best() && this.#focus === undefined ? 'Best here: ' : '';
    this.#legend.replaceChildren(
      element('b', `${head}${params.join(', ')}`),
      element('span', `${metric.title} ${of(metric.values)}`),
      element(
        'span',
        `neighbours: mean ${of(near.mean)}, worst ${of(near.worst)}, σ ${of(near.deviation)}`,
        'dim',
      ),
    );
  }
}

interface Shading {
  readonly low: number;
  readonly high: number;
  readonly colours: Colours;
  readonly better: MetricColumn['better'];
}

/** Green and red by sign where values have both; else deeper from the worst to the best. */
function shade(value: number, { low, high, colours, better }: Shading) {
  if (low < 0 && high > 0) {
    const most = Math.max(-low, high);
    const isGood = value >= 0 === (better !== 'lower');
    return { colour: isGood ? colours.up : colours.down, share: Math.abs(value) / most };
  }
  const span = high - low || 1;
  const share = better === 'lower' ? (high - value) / span : (value - low) / span;
  return { colour: colours.accent, share };
}
