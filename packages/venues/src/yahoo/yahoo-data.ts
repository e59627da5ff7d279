import { type Calendar, dateOfDay, getCalendar, newYorkDayOf } from '@capstan/calendar';
import {
  AppError,
  type Bar,
  type MarketAction,
  type TimeUs,
  timeUs,
  US_PER_DAY,
  US_PER_MS,
} from '@capstan/domain';
import type {
  ActionsRequest,
  BarsRequest,
  Clock,
  Log,
  MarketDataCapabilities,
  MarketDataVenue,
} from '@capstan/ports';
import YahooFinance from 'yahoo-finance2';
import { wholeRatio } from '../requests/exact-numbers.ts';
import { marketFailure } from '../requests/market-failure.ts';
import { RequestBudget } from '../requests/request-budget.ts';
import { type SendRequest, VendorRequests } from '../requests/vendor-requests.ts';
import { CONCURRENCY, REQUESTS_PER_MINUTE } from './limits.ts';
import { nothingElse } from './nothing-else.ts';
import { Restatement, type YahooSplit } from './restate.ts';
import { yahooMisread, yahooRefusal, yahooSilence } from './yahoo-failure.ts';

export interface YahooDataPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** The platform's `fetch` unless told. */
  readonly send?: SendRequest;
}

/** A daily bar as the client hands it out, on today's number of shares; all null where Yahoo has the day and no trade. */
interface DailyRow {
  readonly date: Date;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
}

/** What Yahoo knows of a symbol since a time. */
interface Chart {
  readonly rows: readonly DailyRow[];
  readonly splits: readonly YahooSplit[];
  readonly dividends: readonly { readonly exDate: string; readonly amount: number }[];
}

/** Yahoo's daily bars, splits and dividends, without a key, by `yahoo-finance2`. Bars are restated to what was traded. */
export class YahooData implements MarketDataVenue {
  readonly capabilities: MarketDataCapabilities = {
    timeframes: ['1d'],
    barsAlign: 'session',
    history: { trades: false, quotes: false, options: false, actions: true, calendar: false },
    streams: [],
    adjustments: ['raw'],
    tellsTime: false,
  };
  readonly #ports: YahooDataPorts;
  readonly #calendar: Calendar = getCalendar('XNYS');
  readonly #requests: VendorRequests;

  constructor(ports: YahooDataPorts, settings: { readonly requestsPerMinute?: number } = {}) {
    const { clock, send } = ports;
    const perMinute = settings.requestsPerMinute ?? REQUESTS_PER_MINUTE;
    const budget = new RequestBudget(clock, { perMinute, dataConcurrency: CONCURRENCY });
    this.#ports = ports;
    const requestPorts = { clock, budget, ...(send === undefined ? {} : { send }) };
    this.#requests = new VendorRequests(requestPorts, { kind: 'history' });
  }

  async check(signal?: AbortSignal): Promise<void> {
    const since = timeUs(this.#ports.clock.nowUs() - 7 * US_PER_DAY);
    await this.#chart('SPY', since, signal);
  }

  async *bars(request: BarsRequest, signal?: AbortSignal): AsyncIterable<readonly Bar[]> {
    const { timeframe, adjustment, symbols, fromUs } = request;
    if (timeframe !== '1d' || adjustment !== 'raw') {
      throw marketFailure('MARKET.ENTITLEMENT', {
        why: `Yahoo gives daily raw bars, and ${timeframe} ${adjustment} bars were asked for.`,
        fix: 'Set `timeframe: 1d` and `adjust: raw`, or take another provider.',
      });
    }
    for (const symbol of symbols) {
      const chart = await this.#chart(symbol, fromUs, signal);
      const bars = this.#barsOf(symbol, chart, request);
      if (bars.length > 0) yield bars;
    }
  }

  async *actions(
    request: ActionsRequest,
    signal?: AbortSignal,
  ): AsyncIterable<readonly MarketAction[]> {
    const { symbols, fromDate, toDate } = request;
    const isWanted = ({ exDate }: { readonly exDate: string }) =>
      exDate >= fromDate && exDate <= toDate;
    const fromUs = timeUs(Date.parse(`${fromDate}T00:00:00Z`) * US_PER_MS);
    for (const symbol of symbols) {
      const { splits, dividends } = await this.#chart(symbol, fromUs, signal);
      const restated = new Restatement(splits);
      const actions: MarketAction[] = [
        ...splits.filter(isWanted).map((split): MarketAction => {
          const { first, second } = wholeRatio(split.numerator, split.denominator);
          return { kind: 'split', symbol, exDate: split.exDate, newUnits: first, oldUnits: second };
        }),
        ...dividends.filter(isWanted).map(({ exDate, amount }): MarketAction => {
          const perUnitNanos = restated.cashOn(exDate, amount);
          return { kind: 'dividend', symbol, exDate, perUnitNanos };
        }),
      ];
      if (actions.length > 0) yield actions;
    }
  }

  readonly trades = nothingElse('trades');
  readonly quotes = nothingElse('quotes');
  readonly optionContracts = nothingElse('options');
  readonly optionChain = nothingElse('options');

  sessions(): Promise<never> {
    return Promise.reject(
      new AppError({ code: 'MARKET.ENTITLEMENT', why: 'Yahoo has no calendar.' }),
    );
  }

  nowUs(): Promise<TimeUs> {
    return Promise.reject(
      new AppError({ code: 'MARKET.ENTITLEMENT', why: 'Yahoo tells no time.' }),
    );
  }

  subscribe(): Promise<never> {
    return Promise.reject(
      new AppError({
        code: 'MARKET.ENTITLEMENT',
        why: 'Yahoo streams nothing that Capstan takes.',
      }),
    );
  }

  close(): void {}

  #barsOf(symbol: string, { rows, splits }: Chart, { fromUs, toUs }: BarsRequest): readonly Bar[] {
    const restated = new Restatement(splits);
    const bars: Bar[] = [];
    for (const { date, open, high, low, close, volume } of rows) {
      if (open === null || high === null || low === null || close === null) continue;
      const day = newYorkDate(date);
      const stampUs = date.getTime() * US_PER_MS;
      const session = this.#calendar.session(day);
      const startUs = session?.openUs ?? timeUs(stampUs);
      if (startUs < fromUs || startUs >= toUs) continue;
      bars.push({
        symbol,
        timeframe: '1d',
        startUs,
        endUs: session?.closeUs ?? timeUs(stampUs + US_PER_DAY),
        revision: 0,
        openNanos: restated.priceOn(day, open),
        highNanos: restated.priceOn(day, high),
        lowNanos: restated.priceOn(day, low),
        closeNanos: restated.priceOn(day, close),
        volume: restated.volumeOn(day, volume ?? 0),
      });
    }
    return bars;
  }

  /** Asks from a time up to now, as what came later says how older prices are to be read. */
  async #chart(symbol: string, fromUs: number, signal?: AbortSignal): Promise<Chart> {
    const asked = { symbol, signal };
    const client = this.#client(asked);
    const nowMs = this.#ports.clock.nowUs() / US_PER_MS;
    try {
      const { quotes, events } = await client.chart(symbol, {
        period1: new Date((fromUs - US_PER_DAY) / US_PER_MS),
        period2: new Date(nowMs),
        interval: '1d',
        events: 'div|split',
        includePrePost: false,
      });
      const splits = (events?.splits ?? []).map(({ date, numerator, denominator }) => {
        return { exDate: newYorkDate(date), numerator, denominator };
      });
      const dividends = (events?.dividends ?? []).map(({ date, amount }) => {
        return { exDate: newYorkDate(date), amount };
      });
      return { rows: quotes, splits, dividends };
    } catch (error) {
      throw yahooMisread(error, asked);
    }
  }

  /** A client of its own for each question: what it fails with is told by the question, and nothing on the console. */
  #client(asked: { readonly symbol: string; readonly signal: AbortSignal | undefined }) {
    const { log } = this.#ports;
    const { signal } = asked;
    const send: typeof fetch = async (input, init) => {
      const options = { ...init, ...(signal === undefined ? {} : { signal }) };
      const answer = await this.#requests.fetch(String(input), options).catch((error: unknown) => {
        throw yahooSilence(error, asked);
      });
      if (!answer.ok) throw await yahooRefusal(answer, asked);
      return answer;
    };
    const say = (...words: unknown[]): void =>
      log.debug('yahoo-finance2', { said: words.map(String).join(' ') });
    return new YahooFinance({
      fetch: send,
      queue: { concurrency: CONCURRENCY },
      logger: { info: say, warn: say, error: say, debug: say, dir: say },
      validation: { logErrors: false, logOptionsErrors: false },
      suppressNotices: ['yahooSurvey'],
      versionCheck: false,
    });
  }
}

const newYorkDate = (date: Date): string => dateOfDay(newYorkDayOf(date.getTime() * US_PER_MS));
