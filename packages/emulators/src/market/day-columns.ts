import type { DayFrame } from './daily-path.ts';
import { type SymbolProfile, seedOf } from './known-symbols.ts';
import { NormalDraws } from './normal-table.ts';
import { onTickE4 } from './price-scale.ts';
import { PRE_MARKET_MINUTE, type TradingDay } from './session-days.ts';

/** The minutes of a symbol's day that have trades, oldest first. Prices in ten thousandths; volume in shares. */
export interface DayColumns {
  readonly day: TradingDay;
  readonly length: number;
  /** Start of the minute, in minutes after New York's midnight. */
  readonly minute: Int16Array;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly volume: Int32Array;
  readonly trades: Int32Array;
  /** Volume-weighted mean, in ten thousandths. */
  readonly vwap: Int32Array;
  /** Rows of the regular session: `[regularFrom, regularTo)`. */
  readonly regularFrom: number;
  readonly regularTo: number;
}

/** What the market does in the minutes of a day, which symbols share. */
export type MarketMinutes = Float32Array;

export interface DayInputs {
  readonly seed: number;
  readonly profile: SymbolProfile;
  readonly day: TradingDay;
  readonly frame: DayFrame;
  readonly market: MarketMinutes;
  /** Whether there are minutes before the open and after the close. */
  readonly extendedHours: boolean;
}

/** Least shares of a minute with a trade: so that each of its trades has some. */
export const MINUTE_VOLUME_MIN = 20;
/** Share of the minutes around the session that have trades, and of a session's volume that one of them has. */
const EXTENDED_FRACTION = 0.15;
const EXTENDED_VOLUME = 0.000_06;
const SHARES_PER_TRADE = 85;
const MARKET_MINUTES_SEED = -2;
/** High and low of a minute beyond its open and close, in standard deviations of a minute. */
const WICK = 0.55;

/** Draws what the market does in a day's minutes. */
export function marketMinutes(seed: number, day: TradingDay): MarketMinutes {
  const draws = new NormalDraws(seed, MARKET_MINUTES_SEED, day.dayNumber);
  return Float32Array.from({ length: day.closeMinute - day.openMinute }, () => draws.normal());
}

/** Makes a symbol's minutes of a day: they begin and end where the day's frame says. */
export function dayColumns(inputs: DayInputs): DayColumns {
  const { day, frame, extendedHours } = inputs;
  const draws = new NormalDraws(inputs.seed, seedOf(inputs.profile.symbol), day.dayNumber, 1);
  const columns = new ColumnWriter(day.lastMinute - PRE_MARKET_MINUTE);
  if (extendedHours) {
    const from = { minute: PRE_MARKET_MINUTE, price: frame.previousClose };
    thinMinutes(inputs, draws, columns, from, { minute: day.openMinute, price: frame.open });
  }
  const regularFrom = columns.length;
  regularMinutes(inputs, draws, columns);
  const regularTo = columns.length;
  if (extendedHours) {
    const from = { minute: day.closeMinute, price: frame.close };
    thinMinutes(inputs, draws, columns, from, { minute: day.lastMinute, price: frame.close });
  }
  return { day, ...columns.done(), regularFrom, regularTo };
}

/**
 * The session: a bridge from the open to the close, more volatile and busier at its ends. The first and the last minute always have
 * trades.
 */
function regularMinutes(inputs: DayInputs, draws: NormalDraws, columns: ColumnWriter): void {
  const { profile, day, frame, market } = inputs;
  const minutes = market.length;
  const shared = Math.sqrt(profile.marketShare);
  const own = Math.sqrt(1 - profile.marketShare);
  const sigma = frame.sigma / Math.sqrt(minutes);
  const path = new Float64Array(minutes);
  let sum = 0;
  for (let at = 0; at < minutes; at += 1) {
    const step = shared * (market[at] as number) + own * draws.normal();
    sum += sigma * Math.sqrt(smileAt(at, minutes)) * step;
    path[at] = sum;
  }
  const excess = (sum - Math.log(frame.close / frame.open)) / minutes;
  let open = onTickE4(frame.open);
  for (let at = 0; at < minutes; at += 1) {
    const smile = smileAt(at, minutes);
    const price = frame.open * Math.exp((path[at] as number) - excess * (at + 1));
    const wick = WICK * sigma * Math.sqrt(smile) * price;
    const up = Math.abs(draws.normal()) * wick;
    const down = Math.abs(draws.normal()) * wick;
    const activity = 0.7 + 0.6 * draws.uniform();
    const isQuiet = draws.uniform() < profile.quietFraction && at > 0 && at < minutes - 1;
    if (isQuiet) continue;
    const close = onTickE4(price);
    const volume = (profile.dailyVolume / minutes) * smile * activity;
    columns.add(day.openMinute + at, { open, close, up, down, volume });
    open = close;
  }
}

interface Point {
  readonly minute: number;
  readonly price: number;
}

/** Trading outside the session: few minutes, little volume, on the way from one price to another. */
function thinMinutes(
  inputs: DayInputs,
  draws: NormalDraws,
  columns: ColumnWriter,
  from: Point,
  to: Point,
): void {
  const { profile, frame } = inputs;
  const sigma = frame.sigma / 40;
  for (let minute = from.minute; minute < to.minute; minute += 1) {
    const chance = draws.uniform();
    const noise = draws.normal();
    if (chance >= EXTENDED_FRACTION) continue;
    const share = (minute - from.minute) / (to.minute - from.minute);
    const price = from.price + (to.price - from.price) * share;
    const open = onTickE4(price);
    const close = onTickE4(price * (1 + sigma * noise));
    const volume = profile.dailyVolume * EXTENDED_VOLUME * (0.5 + draws.uniform());
    columns.add(minute, { open, close, up: 0, down: 0, volume });
  }
}

interface Minute {
  readonly open: number;
  readonly close: number;
  /** How far it goes beyond them, in units of currency. */
  readonly up: number;
  readonly down: number;
  readonly volume: number;
}

class ColumnWriter {
  length = 0;
  readonly #minute: Int16Array;
  readonly #prices: Record<'open' | 'high' | 'low' | 'close' | 'vwap', Int32Array>;
  readonly #volume: Int32Array;
  readonly #trades: Int32Array;

  constructor(rowsMax: number) {
    const column = (): Int32Array => new Int32Array(rowsMax);
    this.#minute = new Int16Array(rowsMax);
    this.#prices = {
      open: column(),
      high: column(),
      low: column(),
      close: column(),
      vwap: column(),
    };
    this.#volume = column();
    this.#trades = column();
  }

  add(minute: number, { open, close, up, down, volume }: Minute): void {
    const at = this.length;
    const top = open > close ? open : close;
    const bottom = open < close ? open : close;
    const high = up === 0 ? top : Math.max(top, onTickE4(top / 10_000 + up));
    const low =
      down === 0 ? bottom : Math.min(bottom, onTickE4(Math.max(0, bottom / 10_000 - down)));
    const shares = Math.max(MINUTE_VOLUME_MIN, Math.round(volume));
    const { open: opens, high: highs, low: lows, close: closes, vwap } = this.#prices;
    this.#minute[at] = minute;
    opens[at] = open;
    highs[at] = high;
    lows[at] = low;
    closes[at] = close;
    vwap[at] = Math.round((open + high + low + close) / 4);
    this.#volume[at] = shares;
    this.#trades[at] = Math.max(10, Math.round(shares / SHARES_PER_TRADE));
    this.length = at + 1;
  }

  done(): Omit<DayColumns, 'day' | 'regularFrom' | 'regularTo'> {
    const to = this.length;
    const { open, high, low, close, vwap } = this.#prices;
    const cut = (column: Int32Array): Int32Array => column.slice(0, to);
    return {
      length: to,
      minute: this.#minute.slice(0, to),
      ...{ open: cut(open), high: cut(high), low: cut(low), close: cut(close), vwap: cut(vwap) },
      volume: cut(this.#volume),
      trades: cut(this.#trades),
    };
  }
}

/** The U of a trading day: busy at the open, busier than noon at the close; about 1 on average. */
function smileAt(minute: number, minutes: number): number {
  const x = minutes <= 1 ? 0 : (2 * minute) / (minutes - 1) - 1;
  const square = x * x;
  const eighth = square * square * square * square;
  return 0.55 + 1.35 * square + (x < 0 ? 0.6 : 0.3) * eighth;
}
