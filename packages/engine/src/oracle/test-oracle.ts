import {
  decide,
  equityParts,
  mayAdd,
  newOrder,
  type OracleAccount,
  type OracleTime,
  ownOrders,
  splitBook,
} from './test-oracle-decide.ts';
import {
  end,
  endSessions,
  endUnneeded,
  fillOrder,
  type Matching,
  matchBar,
} from './test-oracle-match.ts';
import {
  isOpenAt,
  lesser,
  nearest,
  type OracleAgain,
  type OracleBar,
  type OracleBook,
  type OracleFill,
  type OracleOrder,
  type OracleRules,
  type OracleSymbol,
  type OracleWant,
  sessionOf,
  size,
  worth,
} from './test-oracle-model.ts';
import { withinSchedule } from './test-oracle-schedule.ts';

const MINUTE = 60_000_000;

/** What the oracle says that a run leads to. */
export interface OracleResult {
  readonly timelineUs: readonly number[];
  /** In the order in which they began: exits as their entry fills. */
  readonly orders: readonly OracleOrder[];
  readonly fills: readonly OracleFill[];
  /** Slice, symbol and policy of what was refused. */
  readonly denials: readonly (readonly [slice: number, symbol: number, policy: string])[];
  readonly cashEvents: readonly (readonly [
    kind: string,
    slice: number,
    symbol: number,
    amount: bigint,
  ])[];
  readonly halts: readonly number[];
  /** Micros after each slice. */
  readonly cash: readonly bigint[];
  /** Millionths of a micro after each slice. */
  readonly equity: readonly bigint[];
  readonly positions: readonly bigint[];
}

/** Runs a backtest, symbol by symbol and slice by slice. */
export function oracle(rules: OracleRules, symbols: readonly OracleSymbol[]): OracleResult {
  return new Oracle(rules, symbols).run();
}

class Oracle {
  readonly #rules: OracleRules;
  readonly #account: OracleAccount;
  readonly #books: readonly OracleBook[];
  readonly #timeline: readonly number[];
  readonly #orders: OracleOrder[] = [];
  readonly #fills: OracleFill[] = [];
  readonly #denials: [number, number, string][] = [];
  readonly #cashEvents: [string, number, number, bigint][] = [];
  readonly #halts: number[] = [];
  /** What a slice decided, to be sent once all is decided. */
  #decided: { readonly book: OracleBook; readonly order: OracleOrder }[] = [];
  #cancels: { readonly book: OracleBook; readonly order: OracleOrder }[] = [];
  #date = '';
  #startEquity: bigint;
  #lastEquity: bigint;

  constructor(rules: OracleRules, symbols: readonly OracleSymbol[]) {
    this.#rules = rules;
    const volumes = new Map(symbols.map(({ symbol }) => [symbol, { left: undefined }]));
    this.#books = [...symbols]
      .sort((a, b) => (`${a.bot} ${a.symbol}` < `${b.bot} ${b.symbol}` ? -1 : 1))
      .map((of, index) => ({
        ...{ of, index, position: 0n, cost: 0n, orders: [], mark: 0n, row: -1 },
        volume: volumes.get(of.symbol) ?? { left: undefined },
        ...{ accrued: [], last: undefined, again: undefined, ending: [], toCome: actionsOf(of) },
      }));
    this.#account = { rules, books: this.#books, cash: rules.cash, isHalted: false };
    const ends = symbols.flatMap(({ bars }) => bars.map(({ endUs }) => endUs));
    this.#timeline = [...new Set(ends)].sort((a, b) => a - b);
    this.#startEquity = rules.cash * 1_000_000n;
    this.#lastEquity = this.#startEquity;
  }

  run(): OracleResult {
    const cash: bigint[] = [];
    const equity: bigint[] = [];
    this.#timeline.forEach((us, slice) => {
      this.#slice(slice, us);
      if (slice === this.#timeline.length - 1 && this.#rules.closeAtEnd) this.#closeAll(slice, us);
      cash.push(this.#account.cash);
      equity.push(equityParts(this.#account));
      this.#lastEquity = equity.at(-1) ?? 0n;
    });
    return {
      timelineUs: this.#timeline,
      orders: this.#orders,
      fills: this.#fills,
      denials: this.#denials,
      cashEvents: this.#cashEvents,
      halts: this.#halts,
      cash,
      equity,
      positions: this.#books.map(({ position }) => position),
    };
  }

  #slice(slice: number, us: number): void {
    const fresh = this.#books.filter(({ of, row }) => of.bars[row + 1]?.endUs === us);
    for (const book of fresh) {
      book.row += 1;
      this.#act(book, barOf(book), slice);
    }
    this.#pay(us, slice);
    for (const symbol of [...new Set(fresh.map(({ of }) => of.symbol))].sort()) {
      const sharing = fresh.filter(({ of }) => of.symbol === symbol);
      matchBar(sharing.map((book) => this.#matching(book, slice)));
    }
    for (const book of fresh) book.mark = barOf(book).close;
    for (const book of this.#books) endSessions(book, us);
    this.#watchLoss(slice, us);
    for (const book of this.#books) {
      const fromNow = { firstUs: us, attempts: 0 };
      const want = newWant(this.#rules, book, fresh.includes(book));
      const asked = want === undefined ? dueAgain(book, this.#rules, us) : { ...fromNow, want };
      if (asked !== undefined) this.#decide(book, asked, { slice, us, close: book.mark });
    }
    this.#send();
  }

  #matching(book: OracleBook, slice: number): Matching {
    const onFill = (fill: OracleFill) => {
      this.#fills.push(fill);
      this.#account.cash += settle(book, fill) - fill.fee;
    };
    const onExit = (order: OracleOrder) => this.#orders.push(order);
    return { rules: this.#rules, book, bar: barOf(book), slice, onFill, onExit };
  }

  /** Corporate actions take effect before the first bar of their date's session or a later one. */
  #act(book: OracleBook, bar: OracleBar, slice: number): void {
    const { date } = sessionOf(book.of, bar.startUs);
    for (
      let next = book.toCome[0];
      next !== undefined && next.exDate <= date;
      next = book.toCome[0]
    ) {
      book.toCome.shift();
      if (next.kind === 'split') {
        const fraction = splitBook(book, next.to, next.from);
        endUnneeded(book);
        this.#receive(book, { kind: 'fraction', slice, amount: fraction });
      } else {
        const amount = nearest(book.position * next.amount, book.of.unit * 1_000n);
        if (amount === 0n) continue;
        const payDate = next.payDate ?? next.exDate;
        if (payDate <= date) this.#receive(book, { kind: 'dividend', slice, amount });
        else {
          book.accrued.push({ payDate, amount, earned: this.#cashEvents.length });
          this.#cashEvents.push(['accrual', slice, book.index, amount]);
        }
      }
    }
  }

  /** A dividend becomes cash with the first slice of its pay date's session or a later one, the first earned first. */
  #pay(us: number, slice: number): void {
    const due = this.#books.flatMap((book) => {
      const isDue = ({ payDate }: { readonly payDate: string }) =>
        book.of.sessions.some(({ date, openUs }) => date >= payDate && openUs < us);
      const paid = book.accrued.filter(isDue);
      book.accrued = book.accrued.filter((one) => !isDue(one));
      return paid.map((one) => ({ ...one, book }));
    });
    due.sort((a, b) => a.earned - b.earned);
    for (const { book, amount } of due) this.#receive(book, { kind: 'dividend', slice, amount });
  }

  #receive(
    { index }: OracleBook,
    {
      kind,
      slice,
      amount,
    }: { readonly kind: string; readonly slice: number; readonly amount: bigint },
  ): void {
    if (amount === 0n) return;
    this.#account.cash += amount;
    this.#cashEvents.push([kind, slice, index, amount]);
  }

  #decide(
    book: OracleBook,
    asked: Omit<OracleAgain, 'waitsFor' | 'closes'>,
    time: OracleTime,
  ): void {
    const { want, firstUs, attempts } = asked;
    const { order, denied, cancels } = decide(this.#account, book, { want, time });
    const isFlat = want.direction === 0;
    const had = attempts + (order === undefined && denied === undefined ? 0 : 1);
    if (order !== undefined) order.id = this.#rules.idOf?.(book.of, firstUs, had) ?? '';
    book.again = undefined;
    if (denied !== undefined) this.#denials.push([time.slice, book.index, denied]);
    this.#cancels.push(...cancels.map((one) => ({ book, order: one })));
    if (order !== undefined) this.#place(book, order);
    if (denied !== undefined && (!isFlat || denied === 'sizing')) return;
    const closes = isFlat && cancels.length === 0 && denied === undefined;
    const own = closes ? ownOrders(book) : order === undefined ? [] : [order];
    const waitsFor = [...cancels, ...own];
    if (!isFlat && cancels.length === 0) return;
    if (waitsFor.length === 0 && denied === undefined) return;
    book.again = { want, waitsFor, closes, firstUs, attempts: had };
  }

  /** A market order that, with those that are out, is for all that is held takes the exits' place. */
  #place(book: OracleBook, order: OracleOrder): void {
    const { side, quantity } = order;
    const isNow = ({ type, timeInForce }: OracleOrder) =>
      type === 'market' && (timeInForce === 'day' || timeInForce === 'gtc');
    const out = book.orders.filter((one) => one.leg === 0 && isNow(one) && one.side === side);
    const closing = out.reduce((sum, { open }) => sum + open, quantity);
    if (isNow(order) && side * book.position < 0n && closing >= size(book.position)) {
      for (const one of book.orders) if (one.leg !== 0) one.isWorking = false;
      endUnneeded(book);
    }
    book.orders.push(order);
    this.#decided.push({ book, order });
  }

  /** Market orders fill at the close that decided them where told so and there is one, unless they are for an auction. */
  #send(): void {
    for (const { book, order } of this.#cancels) end(book, order);
    this.#cancels = [];
    for (const book of this.#books) book.ending = [];
    for (const { book, order } of this.#decided) {
      this.#orders.push(order);
      const { type, timeInForce } = order;
      const isAuction = timeInForce === 'onOpen' || timeInForce === 'onClose';
      if (this.#rules.fillAt !== 'sameClose' || type !== 'market' || isAuction) continue;
      if (barOf(book).endUs !== order.decidedUs) continue;
      this.#fillNow(book, order);
    }
    this.#decided = [];
  }

  #fillNow(book: OracleBook, order: OracleOrder): void {
    const matching = this.#matching(book, order.slice);
    const { close } = matching.bar;
    const slip =
      nearest(close * this.#rules.slippageRate, 100_000_000n) +
      this.#rules.slippageTicks * book.of.tick;
    const worse = close + order.side * slip;
    const edge = order.side > 0n ? matching.bar.high : matching.bar.low;
    const price = order.side * (worse - edge) > 0n ? edge : worse;
    fillOrder(matching, { order, price }, 'close');
    const isFirstBar = isOpenAt(book.of, matching.bar.startUs);
    if (order.isWorking && order.timeInForce === 'ioc' && isFirstBar) end(book, order);
  }

  #watchLoss(slice: number, us: number): void {
    const { maxLoss, maxLossFraction, haltFor, policies } = this.#rules;
    const first = this.#books[0];
    if (first === undefined || !policies.includes('daily-loss')) return;
    const date = tradeDate(first.of, us - 1);
    if (date !== this.#date) {
      this.#startEquity = this.#lastEquity;
      if (haltFor === 'session') this.#account.isHalted = false;
    }
    this.#date = date;
    const loss = this.#startEquity - equityParts(this.#account);
    const isAmount = maxLoss !== undefined && loss >= maxLoss * 1_000_000n;
    const isShare =
      maxLossFraction !== undefined && loss * 1_000_000n >= maxLossFraction * this.#startEquity;
    if (this.#account.isHalted || !(isAmount || isShare)) return;
    this.#account.isHalted = true;
    this.#halts.push(slice);
    for (const book of this.#books) {
      if (haltFor === 'run') this.#leave(book, { slice, us, close: book.mark }, 'halt');
      else {
        book.ending = [...mayAdd(book, 1n), ...mayAdd(book, -1n)];
      }
      this.#cancels.push(...book.ending.map((order) => ({ book, order })));
    }
    if (haltFor === 'run') this.#send();
  }

  /** Cancels what works and orders all that is held away. */
  #leave(book: OracleBook, time: OracleTime, cause: 'halt' | 'endOfRun'): OracleOrder | undefined {
    for (const order of [...book.orders]) end(book, order);
    if (book.position === 0n) return undefined;
    const side = book.position > 0n ? -1n : 1n;
    const order = newOrder(book, {
      ...{ time, side, quantity: size(book.position), reducing: true, timeInForce: 'gtc', cause },
    });
    this.#place(book, order);
    return order;
  }

  #closeAll(slice: number, us: number): void {
    for (const book of this.#books) {
      const order = this.#leave(book, { slice, us, close: book.mark }, 'endOfRun');
      this.#send();
      if (order === undefined) continue;
      if (order.filled === 0n) this.#fillNow(book, order);
      if (order.isWorking) end(book, order);
    }
  }
}

/** The date of the session of the local day, or of the next one after it. */
function tradeDate({ sessions, offsetMinutes }: OracleSymbol, us: number): string {
  const dayOf = (time: number) => Math.floor((time + offsetMinutes * MINUTE) / (1_440 * MINUTE));
  return sessions.find(({ openUs }) => dayOf(openUs) >= dayOf(us))?.date ?? '';
}

/**
 * Counts a fill in what the position cost; returns the cash that it moves. Of what is closed the cost goes in proportion. Of a
 * future only what was gained by closing is paid.
 */
function settle(book: OracleBook, { order, price, quantity }: OracleFill): bigint {
  const { of, position, cost } = book;
  const paid = order.side * worth(of, price, quantity);
  const closed = position * order.side < 0n ? lesser(size(position), quantity) : 0n;
  const released = closed === 0n ? 0n : nearest(cost * closed, size(position));
  const closing = nearest(paid * closed, quantity);
  book.cost += paid - closing - released;
  return of.isFuture ? -closing - released : -paid;
}

/** What is newly wanted of a symbol with a bar. */
function newWant(
  { schedule }: OracleRules,
  book: OracleBook,
  isFresh: boolean,
): OracleWant | undefined {
  if (!isFresh) return undefined;
  const wanted = book.of.wants[book.row];
  const want =
    schedule === undefined
      ? wanted
      : withinSchedule(schedule, book, { wanted, us: barOf(book).endUs });
  if (want === undefined || isSame(want, book.last)) return undefined;
  book.last = want;
  return want;
}

/**
 * What is to be decided once more, as nothing that it waited for works any longer; of what closes only where an order
 * has expired, once the market takes it.
 */
function dueAgain(
  { again, of }: OracleBook,
  rules: OracleRules,
  us: number,
): OracleAgain | undefined {
  if (again === undefined) return undefined;
  const { closes, waitsFor } = again;
  if (waitsFor.some(({ isWorking }) => isWorking)) return undefined;
  if (closes && !waitsFor.some(({ hasExpired }) => hasExpired)) return undefined;
  const asksHours = rules.denyAtClose && rules.policies.includes('market-hours');
  return again.want.direction === 0 && asksHours && !isOpenAt(of, us) ? undefined : again;
}

function barOf({ of, row }: OracleBook): OracleBar {
  const bar = of.bars[row];
  if (bar === undefined) throw new Error(`the oracle has no bar ${row} of ${of.symbol}`);
  return bar;
}

/** In the order in which they take effect: of one date the split first, as dividends are for the new shares. */
function actionsOf({ actions }: OracleSymbol): OracleSymbol['actions'][number][] {
  const key = ({ exDate, kind }: OracleSymbol['actions'][number]) =>
    `${exDate} ${kind === 'split' ? 0 : 1}`;
  return [...actions].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function isSame(a: OracleWant, b: OracleWant | undefined): boolean {
  if (b === undefined || a.direction !== b.direction) return false;
  if (a.direction !== 0 && a.strength !== b.strength) return false;
  const prices = ['limit', 'entryStop', 'stop', 'target', 'trail', 'trailRate'] as const;
  return a.timeInForce === b.timeInForce && prices.every((key) => a[key] === b[key]);
}
