import { type SymbolProfile, seedOf } from './known-symbols.ts';
import { NormalDraws } from './normal-table.ts';

const SESSIONS_PER_YEAR = 252;
/** Share of a day's variance that happens between close and open. */
const OVERNIGHT_VARIANCE = 0.25;
/** How much of yesterday's volatility surprise stays today, and how large a surprise is. */
const VOLATILITY_MEMORY = 0.92;
const VOLATILITY_SURPRISE = 0.15;
const ANNUAL_DRIFT = 0.08;
const SESSIONS_PER_QUARTER = 63;
/** Day of a quarter on which shares trade without the dividend. */
const DIVIDEND_DAY = 43;
const SESSIONS_TO_PAYMENT = 15;
const MARKET_SEED = -1;
/** A share that costs more than this is split at the end of a quarter, so that it costs about a hundred. */
const SPLIT_ABOVE = 400;
const SPLIT_TO = 100;
/** A share that costs less than this is put together, ten to one. */
const REVERSE_SPLIT_BELOW = 3;
const REVERSE_SPLIT = 10;

/** A split or a dividend of the emulated market, by the number of its ex-date among the trading days. */
export type PathAction =
  | {
      readonly kind: 'split';
      readonly index: number;
      readonly newShares: number;
      readonly oldShares: number;
    }
  | {
      readonly kind: 'dividend';
      readonly index: number;
      readonly payIndex: number;
      /** A share, in units of currency, to the cent. */
      readonly perShare: number;
    };

export type PathSplit = Extract<PathAction, { kind: 'split' }>;

/** What a day is to begin and to end with, in units of currency and in the shares of that day. */
export interface DayFrame {
  /** Yesterday's close in today's shares. */
  readonly previousClose: number;
  readonly open: number;
  readonly close: number;
  /** Standard deviation of the log return from open to close. */
  readonly sigma: number;
}

/** How volatile the whole market is, and where it goes, day by day: what symbols share. */
export class MarketPath {
  readonly gap: Float32Array;
  readonly day: Float32Array;
  readonly level: Float32Array;

  constructor(seed: number, days: number) {
    this.gap = new Float32Array(days);
    this.day = new Float32Array(days);
    this.level = new Float32Array(days);
    let level = 0;
    for (let index = 0; index < days; index += 1) {
      const draws = new NormalDraws(seed, MARKET_SEED, index);
      level = VOLATILITY_MEMORY * level + VOLATILITY_SURPRISE * draws.normal();
      this.level[index] = level;
      this.gap[index] = draws.normal();
      this.day[index] = draws.normal();
    }
  }
}

/**
 * Opens and closes of a symbol on all days of the market, with its splits and dividends. Minutes are made inside these frames day by
 * day, so that any day of any year costs the same.
 */
export class DailyPath {
  readonly actions: readonly PathAction[];
  readonly #profile: SymbolProfile;
  /** Logs of prices in the shares of the first day. */
  readonly #open: Float32Array;
  readonly #close: Float32Array;
  readonly #sigma: Float32Array;
  readonly #splits: readonly PathSplit[];

  constructor(
    seed: number,
    profile: SymbolProfile,
    market: MarketPath,
    given: readonly PathSplit[] = [],
  ) {
    const days = market.day.length;
    this.#profile = profile;
    this.#open = new Float32Array(days);
    this.#close = new Float32Array(days);
    this.#sigma = new Float32Array(days);
    this.actions = this.#walk(seed, market, given);
    this.#splits = this.actions.filter((action) => action.kind === 'split');
  }

  frame(index: number): DayFrame {
    const scale = this.#profile.firstPrice / this.sharesPerFirst(index);
    const before = index === 0 ? 0 : (this.#close[index - 1] as number);
    return {
      previousClose: Math.exp(before) * scale,
      open: Math.exp(this.#open[index] as number) * scale,
      close: Math.exp(this.#close[index] as number) * scale,
      sigma: this.#sigma[index] as number,
    };
  }

  /** Returns how many shares of a day one share of the first day has become. */
  sharesPerFirst(index: number): number {
    let shares = 1;
    for (const split of this.#splits) {
      if (split.index <= index) shares *= split.newShares / split.oldShares;
    }
    return shares;
  }

  #walk(seed: number, market: MarketPath, given: readonly PathSplit[]): readonly PathAction[] {
    const { annualVolatility, marketShare, firstPrice } = this.#profile;
    const shared = Math.sqrt(marketShare);
    const own = Math.sqrt(1 - marketShare);
    const symbolSeed = seedOf(this.#profile.symbol);
    const actions: PathAction[] = [];
    let log = 0;
    let level = 0;
    let shares = 1;
    for (let index = 0; index < market.day.length; index += 1) {
      const draws = new NormalDraws(seed, symbolSeed, index);
      level = VOLATILITY_MEMORY * level + VOLATILITY_SURPRISE * draws.normal();
      const height = Math.exp(0.5 * (level + (market.level[index] as number)));
      const daySigma = (annualVolatility / Math.sqrt(SESSIONS_PER_YEAR)) * height;
      const sigma = daySigma * Math.sqrt(1 - OVERNIGHT_VARIANCE);
      const quarterDay = (index + (symbolSeed >>> 0)) % SESSIONS_PER_QUARTER;
      const action =
        given.find((split) => split.index === index) ??
        this.#actionAt(index, quarterDay, (Math.exp(log) * firstPrice) / shares);
      if (action !== undefined) actions.push(action);
      if (action?.kind === 'split') shares *= action.newShares / action.oldShares;
      if (action?.kind === 'dividend') {
        log += Math.log(1 - (action.perShare * shares) / (Math.exp(log) * firstPrice));
      }
      const gap = shared * (market.gap[index] as number) + own * draws.normal();
      this.#open[index] = log + daySigma * Math.sqrt(OVERNIGHT_VARIANCE) * gap;
      const move = shared * (market.day[index] as number) + own * draws.normal();
      const drift = ANNUAL_DRIFT / SESSIONS_PER_YEAR - daySigma ** 2 / 2;
      log = (this.#open[index] as number) + drift + sigma * move;
      this.#close[index] = log;
      this.#sigma[index] = sigma;
    }
    return actions;
  }

  /** @param price yesterday's close, in the shares of yesterday. */
  #actionAt(index: number, quarterDay: number, price: number): PathAction | undefined {
    const { kind, dividendYield } = this.#profile;
    if (quarterDay === 0 && kind === 'equity' && price > SPLIT_ABOVE) {
      return { kind: 'split', index, newShares: Math.round(price / SPLIT_TO), oldShares: 1 };
    }
    if (quarterDay === 0 && price < REVERSE_SPLIT_BELOW) {
      return { kind: 'split', index, newShares: 1, oldShares: REVERSE_SPLIT };
    }
    if (quarterDay !== DIVIDEND_DAY) return undefined;
    const perShare = Math.round((price * dividendYield * 100) / 4) / 100;
    if (perShare === 0) return undefined;
    const payIndex = Math.min(index + SESSIONS_TO_PAYMENT, this.#sigma.length - 1);
    return { kind: 'dividend', index, payIndex, perShare };
  }
}
