import type { Calendar } from '@capstan/calendar';
import { type OrderSide, type OrderTerms, type TimeUs, US_PER_MINUTE } from '@capstan/domain';
import { dailyLossLimitMicros } from './daily-loss.ts';
import type { RiskLimits, Scope } from './limits.ts';

/** An order that was approved lately. */
export interface RecentOrder {
  readonly atUs: number;
  readonly botId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: number;
}

/** Something counted for a bot in a symbol. */
export interface Counted {
  readonly botId: string;
  readonly symbol: string;
  readonly value: number;
}

/** What a fill brought in. */
export interface Proceeds {
  readonly atUs: number;
  readonly micros: number;
}

/** What a tally knows. Plain data, safe for JSON. */
export interface TallyState {
  /** Absent before the first look. */
  readonly tradeDate?: string;
  /** Equity at the start of the trade date, with the cash that came and went since. Micros. */
  readonly startEquityMicros: number;
  /** Equity at the last look, likewise. */
  readonly lastEquityMicros: number;
  /** Greatest equity at any look, likewise. */
  readonly peakEquityMicros: number;
  /** Proceeds that settle with the trade date after theirs; the earliest first. */
  readonly proceeds: readonly Proceeds[];
  /** Profit of each bot in each symbol at the start of the trade date and at the last look; micros, sorted. */
  readonly startProfits: readonly Counted[];
  readonly lastProfits: readonly Counted[];
  /** Adding orders of the trade date. */
  readonly trades: readonly Counted[];
  /** Time of the last fill. */
  readonly lastFills: readonly Counted[];
  /** The earliest first. */
  readonly orders: readonly RecentOrder[];
  /** Scopes whose loss has stopped them for the trade date, by name; sorted. */
  readonly stopped: readonly string[];
  /** Greatest profit at any look of the scopes whose drawdown is limited, since it is; sorted. Absent where none is. */
  readonly peakProfits?: readonly Counted[];
}

/** What is looked at once a slice. */
export interface Look {
  readonly atUs: TimeUs;
  readonly equityMicros: number;
  /** Realised and unrealised profit less fees of each bot in each symbol that it ever traded. Micros. */
  readonly profits: readonly Counted[];
  readonly limits: RiskLimits;
  readonly calendar: Calendar;
}

/** What policies ask of an account's past. */
export interface TallyView {
  readonly startEquityMicros: number;
  readonly peakEquityMicros: number;
  /** Proceeds of the trade date. */
  readonly unsettledMicros: number;
  /** What a scope has lost since the start of the trade date, as of the last look; negative for a gain. */
  lossMicros(scope: Scope): number;
  /** How far the profit of a scope is below its peak, as of the last look; `undefined` where nobody watches it. */
  fallMicros(scope: Scope): number | undefined;
  /** True from the loss that reached a scope's limit until the next trade date. */
  isStopped(scope: Scope): boolean;
  /** Adding orders of the trade date in a scope. */
  trades(scope: Scope): number;
  /** Time of the last fill of a bot in a symbol; `undefined` where there is none. */
  lastFillUs(botId: string, symbol: string): number | undefined;
  /** Approved orders after a time, the earliest first. */
  ordersAfter(us: number): readonly RecentOrder[];
}

const NOTHING: TallyState = {
  startEquityMicros: 0,
  lastEquityMicros: 0,
  peakEquityMicros: 0,
  proceeds: [],
  startProfits: [],
  lastProfits: [],
  trades: [],
  lastFills: [],
  orders: [],
  stopped: [],
};

/**
 * What an account's limits need to know of its past: equity at the start of the trade date and at its peak, orders and trades
 * counted, proceeds that are not settled, losses that have stopped something. Without a clock: it knows the times that it is told.
 */
export class RiskTally implements TallyView {
  #tradeDate: string | undefined;
  #dateEndsUs = Number.NEGATIVE_INFINITY;
  #start = 0;
  #last = 0;
  #peak = 0;
  #proceeds: readonly Proceeds[] = [];
  #startProfits = new Map<string, number>();
  #lastProfits = new Map<string, number>();
  #trades = new Map<string, number>();
  readonly #lastFills = new Map<string, number>();
  #orders: RecentOrder[] = [];
  #stopped = new Set<string>();
  #peakProfits: Map<string, number>;

  constructor(state: TallyState = NOTHING) {
    this.#tradeDate = state.tradeDate;
    this.#start = state.startEquityMicros;
    this.#last = state.lastEquityMicros;
    this.#peak = state.peakEquityMicros;
    this.#proceeds = state.proceeds;
    this.#startProfits = mapOf(state.startProfits);
    this.#lastProfits = mapOf(state.lastProfits);
    this.#trades = mapOf(state.trades);
    this.#lastFills = mapOf(state.lastFills);
    this.#orders = [...state.orders];
    this.#stopped = new Set(state.stopped);
    this.#peakProfits = mapOf(state.peakProfits ?? []);
  }

  get startEquityMicros(): number {
    return this.#start;
  }

  get peakEquityMicros(): number {
    return this.#peak;
  }

  get unsettledMicros(): number {
    return this.#proceeds.reduce((sum, one) => sum + one.micros, 0);
  }

  /** Looks at the account as a slice finds it: begins a trade date where it is the first of one, and stops what lost its limit. */
  look({ atUs, equityMicros, profits, limits, calendar }: Look): void {
    const isFirst = this.#tradeDate === undefined;
    if (isFirst) {
      this.#last = equityMicros;
      this.#peak = equityMicros;
      this.#lastProfits = mapOf(profits);
    }
    if (isFirst || atUs > this.#dateEndsUs) this.#enter(atUs, calendar);
    this.#last = equityMicros;
    this.#peak = Math.max(this.#peak, equityMicros);
    this.#lastProfits = mapOf(profits);
    this.#raisePeaks(limits);
    this.#stop(limits);
    this.#forget(atUs, limits);
  }

  /** Notes cash that came from outside or went there: it is neither gain nor loss. */
  noteFlow(amountMicros: number): void {
    if (this.#tradeDate === undefined) return;
    this.#start += amountMicros;
    this.#last += amountMicros;
    this.#peak += amountMicros;
  }

  /** Notes a fill, and the proceeds that it brought. */
  noteFill(botId: string, symbol: string, atUs: number, cashChangeMicros: number): void {
    const key = keyOf(botId, symbol);
    this.#lastFills.set(key, Math.max(atUs, this.#lastFills.get(key) ?? atUs));
    if (cashChangeMicros > 0) {
      this.#proceeds = [...this.#proceeds, { atUs, micros: cashChangeMicros }];
    }
  }

  /** Notes an approved order. */
  noteOrder(order: OrderTerms, atUs: TimeUs): void {
    const { botId, symbol, side, quantity, reducing } = order;
    this.#orders.push({ atUs, botId, symbol, side, quantity });
    if (reducing) return;
    const key = keyOf(botId, symbol);
    this.#trades.set(key, (this.#trades.get(key) ?? 0) + 1);
  }

  lossMicros(scope: Scope): number {
    if (scope.botId === undefined && scope.symbol === undefined) return this.#start - this.#last;
    let loss = 0;
    for (const [key, profit] of this.#lastProfits) {
      if (isIn(key, scope)) loss += (this.#startProfits.get(key) ?? 0) - profit;
    }
    return loss;
  }

  fallMicros(scope: Scope): number | undefined {
    const peak = this.#peakProfits.get(scopeKey(scope));
    return peak === undefined ? undefined : peak - this.#profitOf(scope);
  }

  isStopped(scope: Scope): boolean {
    return this.#stopped.has(scopeKey(scope));
  }

  trades(scope: Scope): number {
    let count = 0;
    for (const [key, value] of this.#trades) if (isIn(key, scope)) count += value;
    return count;
  }

  lastFillUs(botId: string, symbol: string): number | undefined {
    return this.#lastFills.get(keyOf(botId, symbol));
  }

  ordersAfter(us: number): readonly RecentOrder[] {
    return this.#orders.filter((one) => one.atUs > us);
  }

  /** Returns all that it knows. */
  state(): TallyState {
    return {
      ...(this.#tradeDate === undefined ? {} : { tradeDate: this.#tradeDate }),
      startEquityMicros: this.#start,
      lastEquityMicros: this.#last,
      peakEquityMicros: this.#peak,
      proceeds: this.#proceeds,
      startProfits: countedOf(this.#startProfits),
      lastProfits: countedOf(this.#lastProfits),
      trades: countedOf(this.#trades),
      lastFills: countedOf(this.#lastFills),
      orders: [...this.#orders],
      stopped: [...this.#stopped].sort(),
      ...(this.#peakProfits.size === 0 ? {} : { peakProfits: countedOf(this.#peakProfits) }),
    };
  }

  #profitOf(scope: Scope): number {
    let profit = 0;
    for (const [key, value] of this.#lastProfits) if (isIn(key, scope)) profit += value;
    return profit;
  }

  /** A limit that is new begins with the profit of now; without its limit a peak is forgotten. */
  #raisePeaks({ scopes = [] }: RiskLimits): void {
    const watched = scopes.filter((part) => part.maxDrawdownFraction !== undefined);
    this.#peakProfits = new Map(
      watched.map((part) => {
        const [key, profit] = [scopeKey(part), this.#profitOf(part)];
        return [key, Math.max(profit, this.#peakProfits.get(key) ?? profit)];
      }),
    );
  }

  /** A slice at the close of a session still belongs to it. */
  #enter(atUs: TimeUs, calendar: Calendar): void {
    const date = calendar.tradeDate(atUs - 1);
    this.#dateEndsUs = Math.max(atUs, calendar.session(date)?.closeUs ?? atUs);
    if (date === this.#tradeDate) return;
    this.#tradeDate = date;
    this.#start = this.#last;
    this.#startProfits = this.#lastProfits;
    this.#trades = new Map();
    this.#proceeds = this.#proceeds.filter(({ atUs: us }) => calendar.tradeDate(us) >= date);
    this.#stopped = new Set();
  }

  #stop(limits: RiskLimits): void {
    for (const part of [limits, ...(limits.scopes ?? [])]) {
      const scope: Scope = 'policies' in part ? {} : part;
      const limit = dailyLossLimitMicros(part, this.#start);
      const loss = this.lossMicros(scope);
      // A share of no equity is a limit of nothing, which is not reached before something is lost.
      if (limit !== undefined && loss > 0 && loss >= limit) this.#stopScope(scope);
      const each = part.maxSymbolDailyLossMicros;
      if (each !== undefined) this.#stopSymbols(scope, each);
    }
  }

  #stopSymbols(scope: Scope, limitMicros: number): void {
    for (const key of this.#lastProfits.keys()) {
      if (!isIn(key, scope)) continue;
      const one = { ...scope, symbol: symbolOf(key) };
      if (this.lossMicros(one) >= limitMicros) this.#stopScope(one);
    }
  }

  #stopScope(scope: Scope): void {
    this.#stopped.add(scopeKey(scope));
  }

  #forget(atUs: TimeUs, limits: RiskLimits): void {
    let longestUs = US_PER_MINUTE;
    for (const part of [limits, ...(limits.scopes ?? [])]) {
      longestUs = Math.max(longestUs, part.duplicateWindowUs ?? 0);
    }
    const first = this.#orders[0];
    if (first === undefined || first.atUs > atUs - longestUs) return;
    this.#orders = this.#orders.filter((one) => one.atUs > atUs - longestUs);
  }
}

const keyOf = (botId: string, symbol: string): string => `${botId}\n${symbol}`;
const scopeKey = ({ botId = '', symbol = '' }: Scope): string => keyOf(botId, symbol);
const symbolOf = (key: string): string => key.slice(key.indexOf('\n') + 1);
const botOf = (key: string): string => key.slice(0, key.indexOf('\n'));

function isIn(key: string, { botId, symbol }: Scope): boolean {
  if (botId !== undefined && botOf(key) !== botId) return false;
  return symbol === undefined || symbolOf(key) === symbol;
}

function mapOf(counted: readonly Counted[]): Map<string, number> {
  return new Map(counted.map(({ botId, symbol, value }) => [keyOf(botId, symbol), value]));
}

function countedOf(map: ReadonlyMap<string, number>): readonly Counted[] {
  return [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ botId: botOf(key), symbol: symbolOf(key), value }));
}
