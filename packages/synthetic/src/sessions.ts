import type { Calendar, Session } from '@capstan/calendar';
import {
  assert,
  type Bar,
  type BarSlice,
  type Instrument,
  NANOS_PER_UNIT,
  type PriceNanos,
  priceNanos,
  type TimeUs,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { mixSeed, SeededRandom } from './random.ts';

/** How one symbol behaves. */
export interface SyntheticSymbol {
  readonly instrument: Instrument;
  readonly startPriceNanos: PriceNanos;
  /** Standard deviation of a year's log return, such as 0.2. */
  readonly annualVolatility: number;
  /** Share of the return's variance that the market explains, 0 to 1. */
  readonly marketShare: number;
  /** Mean units traded in a full session. */
  readonly dailyVolume: number;
}

export interface SyntheticOptions {
  readonly feed: string;
  readonly seed: number;
  readonly calendar: Calendar;
  /** The first session, `YYYY-MM-DD`, or the next one after it. */
  readonly startDate: string;
  readonly symbols: readonly SyntheticSymbol[];
}

const SESSIONS_PER_YEAR = 252;
const FULL_SESSION_MINUTES = 390;
/** Share of a day's variance that happens between close and open. */
const OVERNIGHT_VARIANCE = 0.25;
/** How much of yesterday's volatility surprise stays today, and how large a surprise is. */
const VOLATILITY_MEMORY = 0.92;
const VOLATILITY_SURPRISE = 0.15;
/** Minute-to-minute clustering inside a session. */
const MINUTE_MEMORY = 0.97;
const MINUTE_SURPRISE = 0.08;
/** Price points inside a minute from which its high and low come. */
const STEPS_A_MINUTE = 6;
const MARKET = -1;

interface SymbolState {
  lastClose: number;
  /** Log of today's volatility relative to the mean. */
  logVolatility: number;
}

/**
 * Yields the slices of one-minute bars of seeded sessions, for ever: opening gaps, a U-shaped volume and volatility within
 * the day, volatility that clusters, symbols that share a market. Everything follows from the options.
 * @complexity O(symbols) a slice.
 */
export function* syntheticSlices(options: SyntheticOptions): Generator<BarSlice, never> {
  assert(options.symbols.length > 0, 'a synthetic feed needs a symbol');
  const symbols = [...options.symbols].sort((a, b) =>
    a.instrument.symbol < b.instrument.symbol ? -1 : 1,
  );
  const states = symbols.map((one) => ({
    lastClose: one.startPriceNanos / NANOS_PER_UNIT,
    logVolatility: 0,
  }));
  const market: SymbolState = { lastClose: 1, logVolatility: 0 };
  let session = firstSession(options);
  for (;;) {
    yield* sessionSlices(options, symbols, states, market, session);
    session = options.calendar.nextSession(session.date);
  }
}

function firstSession(options: SyntheticOptions): Session {
  const { calendar, startDate } = options;
  return calendar.session(startDate) ?? calendar.nextSession(startDate);
}

function* sessionSlices(
  options: SyntheticOptions,
  symbols: readonly SyntheticSymbol[],
  states: readonly SymbolState[],
  market: SymbolState,
  session: Session,
): Generator<BarSlice> {
  const dayNumber = Math.floor(session.openUs / (1440 * US_PER_MINUTE));
  const marketRandom = new SeededRandom(mixSeed(options.seed, MARKET, dayNumber));
  market.logVolatility = nextVolatility(market.logVolatility, marketRandom);
  const marketGap = marketRandom.normal();
  const makers = symbols.map((symbol, index) => {
    const random = new SeededRandom(mixSeed(options.seed, index, dayNumber));
    const state = states[index];
    assert(state !== undefined, 'every symbol has a state');
    state.logVolatility = nextVolatility(state.logVolatility, random);
    return new SessionMaker(symbol, state, random, marketGap, market.logVolatility);
  });
  const minutes = Math.round((session.closeUs - session.openUs) / US_PER_MINUTE);
  for (let minute = 0; minute < minutes; minute += 1) {
    const startUs = timeUs(session.openUs + minute * US_PER_MINUTE);
    const marketSteps = Array.from({ length: STEPS_A_MINUTE }, () => marketRandom.normal());
    const bars = makers.map((maker) => maker.bar(startUs, minute, minutes, marketSteps));
    yield { feed: options.feed, endUs: timeUs(startUs + US_PER_MINUTE), bars };
  }
}

function nextVolatility(log: number, random: SeededRandom): number {
  return VOLATILITY_MEMORY * log + VOLATILITY_SURPRISE * random.normal();
}

/** Makes one symbol's bars of one session. */
class SessionMaker {
  readonly #symbol: SyntheticSymbol;
  readonly #state: SymbolState;
  readonly #random: SeededRandom;
  readonly #minuteSigma: number;
  readonly #own: number;
  readonly #shared: number;
  #minuteLog = 0;

  constructor(
    symbol: SyntheticSymbol,
    state: SymbolState,
    random: SeededRandom,
    marketGap: number,
    marketLog: number,
  ) {
    this.#symbol = symbol;
    this.#state = state;
    this.#random = random;
    this.#shared = Math.sqrt(symbol.marketShare);
    this.#own = Math.sqrt(1 - symbol.marketShare);
    const level = Math.exp(0.5 * (state.logVolatility + marketLog));
    const daySigma = (symbol.annualVolatility / Math.sqrt(SESSIONS_PER_YEAR)) * level;
    this.#minuteSigma =
      daySigma * Math.sqrt((1 - OVERNIGHT_VARIANCE) / FULL_SESSION_MINUTES / STEPS_A_MINUTE);
    const gap = this.#shared * marketGap + this.#own * random.normal();
    state.lastClose *= Math.exp(daySigma * Math.sqrt(OVERNIGHT_VARIANCE) * gap);
  }

  bar(startUs: TimeUs, minute: number, minutes: number, marketSteps: readonly number[]): Bar {
    this.#minuteLog = MINUTE_MEMORY * this.#minuteLog + MINUTE_SURPRISE * this.#random.normal();
    const smile = smileAt(minute, minutes);
    const sigma = this.#minuteSigma * Math.exp(this.#minuteLog) * Math.sqrt(smile);
    let price = this.#state.lastClose;
    const open = this.#onTick(price);
    let high = open;
    let low = open;
    for (const shared of marketSteps) {
      price *= Math.exp(sigma * (this.#shared * shared + this.#own * this.#random.normal()));
      const point = this.#onTick(price);
      high = point > high ? point : high;
      low = point < low ? point : low;
    }
    this.#state.lastClose = price;
    const activity = Math.exp(0.35 * this.#random.normal() + 0.6 * this.#minuteLog);
    const volume = (this.#symbol.dailyVolume / minutes) * smile * activity;
    const { lot, symbol } = this.#symbol.instrument;
    return {
      symbol,
      timeframe: '1m',
      startUs,
      endUs: timeUs(startUs + US_PER_MINUTE),
      revision: 0,
      openNanos: open,
      highNanos: high,
      lowNanos: low,
      closeNanos: this.#onTick(price),
      volume: Math.max(1, Math.round(volume / lot)) * lot,
    };
  }

  #onTick(price: number): PriceNanos {
    const { tickNanos } = this.#symbol.instrument;
    return priceNanos(Math.max(1, Math.round((price * NANOS_PER_UNIT) / tickNanos)) * tickNanos);
  }
}

/** The U of a trading day: busy at the open, busier than noon at the close; about 1 on average. */
function smileAt(minute: number, minutes: number): number {
  const x = minutes <= 1 ? 0 : (2 * minute) / (minutes - 1) - 1;
  return 0.55 + 1.35 * x * x + (x < 0 ? 0.6 * x ** 8 : 0.3 * x ** 8);
}
