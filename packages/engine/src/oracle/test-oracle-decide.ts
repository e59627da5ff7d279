import {
  greater,
  isOpenAt,
  lesser,
  nearest,
  type OracleBook,
  type OracleOrder,
  type OracleRules,
  type OracleWant,
  size,
  toStep,
  worth,
} from './test-oracle-model.ts';

/** The account at a decision. */
export interface OracleAccount {
  readonly rules: OracleRules;
  readonly books: readonly OracleBook[];
  cash: bigint;
  isHalted: boolean;
}

/** What a want became. */
export interface OracleDecision {
  readonly order?: OracleOrder;
  /** The policy that refused it. */
  readonly denied?: string;
  /** Adding orders that work against the want and have to end before anything but a reduction goes out. */
  readonly cancels: readonly OracleOrder[];
}

/** When and why an order is decided. */
export interface OracleTime {
  readonly slice: number;
  readonly us: number;
  readonly close: bigint;
}

/** Cash, what is accrued, and holdings at the last closes, in millionths of a micro. */
export function equityParts({ books, cash }: OracleAccount): bigint {
  let total = cash * 1_000_000n;
  for (const { of, position, cost, mark, accrued } of books) {
    total += (position * mark * of.multiplier * 1_000n) / of.unit;
    if (of.isFuture) total -= cost * 1_000_000n;
    for (const { amount } of accrued) total += amount * 1_000_000n;
  }
  return total;
}

/** Orders that are no exits. */
export const ownOrders = ({ orders }: OracleBook): readonly OracleOrder[] =>
  orders.filter(({ leg }) => leg === 0);
const out = (book: OracleBook, side: bigint): bigint =>
  ownOrders(book).reduce((sum, order) => sum + (order.side === side ? order.open : 0n), 0n);
/** What of a position an order of a side can close, whatever else of that side fills. */
const reducible = (book: OracleBook, side: bigint): bigint =>
  -side * book.position - out(book, side);

/** Orders of a side that may take the position further from zero, or through it: also those to close more than is held by now. */
export function mayAdd(book: OracleBook, side: bigint): readonly OracleOrder[] {
  const ofSide = ownOrders(book).filter((order) => order.side === side);
  const closers = ofSide.filter(({ reducing }) => reducing);
  const closing = closers.reduce((sum, { open }) => sum + open, 0n);
  const isTooMuch = closing > 0n && closing > -side * book.position;
  return ofSide.filter((order) => isTooMuch || !closers.includes(order));
}

/** Waits for a price, or for an open that is to come. */
const rests = ({ type, timeInForce }: OracleOrder): boolean =>
  type !== 'market' || timeInForce === 'onOpen';
const isAtMarket = ({ limit, timeInForce }: OracleWant): boolean =>
  limit === undefined && timeInForce !== 'onOpen' && timeInForce !== 'onClose';

/** Turns what is wanted into an order, sized and within the limits. */
export function decide(
  account: OracleAccount,
  book: OracleBook,
  asked: { readonly want: OracleWant; readonly time: OracleTime },
): OracleDecision {
  const { ending } = book;
  const first = without(book, ending, () => sized(account, book, asked));
  if (first === 'denied') return { denied: 'sizing', cancels: [] };
  const sides = first !== undefined ? [-first.side] : asked.want.direction === 0 ? [1n, -1n] : [];
  const adding = sides.flatMap((side) => mayAdd(book, side));
  const takesAll = asked.want.direction === 0 && isAtMarket(asked.want);
  const against = ownOrders(book).filter((one) => adding.includes(one) || (takesAll && rests(one)));
  const cancels = [...ending, ...against.filter((one) => !ending.includes(one))];
  if (first === undefined && cancels.length === 0) return { cancels };
  const order = cancels.length === 0 ? first : reductionOf(account, book, { ...asked, cancels });
  if (order === undefined) return { cancels };
  const denied = refusal(account, book, { order, us: asked.time.us });
  return denied === undefined ? { order, cancels } : { denied, cancels };
}

function without<Result>(
  book: OracleBook,
  gone: readonly OracleOrder[],
  ask: () => Result,
): Result {
  const all = book.orders;
  book.orders = all.filter((order) => !gone.includes(order));
  const result = ask();
  book.orders = all;
  return result;
}

/** Sizes the want as if the cancelled orders were gone, and takes of it what only reduces while they are not. */
function reductionOf(
  account: OracleAccount,
  book: OracleBook,
  {
    want,
    time,
    cancels,
  }: {
    readonly want: OracleWant;
    readonly time: OracleTime;
    readonly cancels: readonly OracleOrder[];
  },
): OracleOrder | undefined {
  const order = without(book, cancels, () => sized(account, book, { want, time }));
  if (order === undefined || order === 'denied') return undefined;
  const quantity = lesser(order.quantity, reducible(book, order.side));
  if (quantity <= 0n) return undefined;
  return { ...order, quantity, open: quantity, reducing: true, exits: undefined };
}

/** Returns the order that takes position and orders out to what is wanted. */
function sized(
  account: OracleAccount,
  book: OracleBook,
  { want, time }: { readonly want: OracleWant; readonly time: OracleTime },
): OracleOrder | 'denied' | undefined {
  const target = wantedPosition(account, book, { want, close: time.close });
  const expected = book.position + out(book, 1n) - out(book, -1n);
  const wantsSome = want.direction !== 0 && want.strength > 0n;
  if (target === 0n && expected === 0n && wantsSome) return 'denied';
  const change = target - expected;
  if (change === 0n) return undefined;
  const side = change > 0n ? 1n : -1n;
  const order = newOrder(book, {
    time,
    side,
    quantity: size(change),
    reducing: size(change) <= reducible(book, side),
    ...pricesOf(book, want, { side, close: time.close }),
    timeInForce: want.timeInForce ?? 'day',
    cause: 'signal',
  });
  const opens = !order.reducing && Number(side) === want.direction;
  const exits = opens ? protection(book, want, side) : undefined;
  const { limit, stop } = order;
  const named = stop === undefined ? [limit ?? time.close] : [stop, limit ?? stop];
  if (exits !== undefined && !named.every((price) => isProtected(exits, side, price))) {
    return 'denied';
  }
  return { ...order, exits };
}

/** Limit and stop of an order, on the tick; a stop that the close has reached is none, and those of an entry are of no other order. */
function pricesOf(
  { of }: OracleBook,
  { limit, entryStop, direction }: OracleWant,
  { side, close }: { readonly side: bigint; readonly close: bigint },
): Pick<OrderParts, 'limit' | 'stop'> {
  if (entryStop !== undefined && Number(side) !== direction) return {};
  const onTick = (price: bigint | undefined, buys: 'up' | 'down', sells: 'up' | 'down') =>
    price === undefined ? undefined : toStep(price, of.tick, side > 0n ? buys : sells);
  const stop = onTick(entryStop, 'up', 'down');
  const isReached = stop !== undefined && side * (close - stop) >= 0n;
  return { limit: onTick(limit, 'down', 'up'), stop: isReached ? undefined : stop };
}

/** What an order is made of. */
export interface OrderParts {
  readonly time: OracleTime;
  readonly side: bigint;
  readonly quantity: bigint;
  readonly reducing: boolean;
  readonly limit?: bigint | undefined;
  readonly stop?: bigint | undefined;
  readonly timeInForce: OracleOrder['timeInForce'];
  readonly cause: OracleOrder['cause'];
}

export function newOrder(book: OracleBook, parts: OrderParts): OracleOrder {
  const { time, side, quantity, reducing, limit, stop, timeInForce, cause } = parts;
  const atOnce = limit === undefined ? 'market' : 'limit';
  const byStop = limit === undefined ? 'stop' : 'stopLimit';
  return {
    ...{
      id: '',
      symbol: book.index,
      slice: time.slice,
      decidedUs: time.us,
      side,
      quantity,
      timeInForce,
      reducing,
    },
    ...{
      type: stop === undefined ? atOnce : byStop,
      leg: 0,
      cause,
      limit,
      limitOrdered: limit,
    },
    ...{ stop, stopOrdered: stop, trail: undefined, trailRate: undefined },
    ...{
      entry: undefined,
      exits: undefined,
      reserveAt: greater(greater(time.close, limit ?? 0n), stop ?? 0n),
      open: quantity,
    },
    ...{
      filled: 0n,
      filledNotional: 0n,
      feePaid: 0n,
      isTriggered: false,
      isWorking: true,
      hasExpired: false,
      best: undefined,
    },
    ...{ legs: [], held: 0n, heldInside: 0n, cameIn: 'before' },
  };
}

function wantedPosition(
  account: OracleAccount,
  book: OracleBook,
  { want, close }: { readonly want: OracleWant; readonly close: bigint },
): bigint {
  const { sizing } = account.rules;
  const { lot } = book.of;
  const { direction, strength } = want;
  if (direction === 0) return 0n;
  const sign = BigInt(direction);
  const { limit, stop } = pricesOf(book, want, { side: sign, close });
  const price = stop === undefined ? close : greater(greater(close, stop), limit ?? 0n);
  if (sizing.kind === 'fixed') {
    return sign * toStep((sizing.quantity * strength) / 1_000_000n, lot, 'down');
  }
  const expected = book.position + out(book, 1n) - out(book, -1n);
  const base =
    sizing.kind === 'equity'
      ? nearest(equityParts(account), 1_000_000n)
      : freeCash(account) + (book.of.isFuture ? 0n : worth(book.of, close, expected));
  if (base <= 0n) return 0n;
  const budget = (((base * sizing.fraction) / 1_000_000n) * strength) / 1_000_000n;
  const spend =
    sizing.kind === 'equity' ? budget : (budget * 100_000_000n) / (100_000_000n + sizing.feeRate);
  let lots = (spend * book.of.unit * 1_000n) / (price * lot * book.of.multiplier);
  while (worth(book.of, price, lots * lot) > spend) lots -= 1n;
  while (worth(book.of, price, (lots + 1n) * lot) <= spend) lots += 1n;
  return sign * lots * lot;
}

/** Cash less what the adding buys that are out are reserved at. */
function freeCash({ books, cash }: OracleAccount): bigint {
  let free = cash;
  for (const book of books) {
    if (book.of.isFuture) continue;
    for (const order of ownOrders(book)) {
      if (order.side > 0n && !order.reducing) free -= worth(book.of, order.reserveAt, order.open);
    }
  }
  return free;
}

function protection({ of }: OracleBook, want: OracleWant, side: bigint): OracleWant | undefined {
  const { stop, target, trail, trailRate } = want;
  if (stop === undefined && target === undefined && trail === undefined && trailRate === undefined)
    return undefined;
  return {
    ...want,
    ...(stop === undefined ? {} : { stop: toStep(stop, of.tick, side > 0n ? 'down' : 'up') }),
    ...(target === undefined ? {} : { target: toStep(target, of.tick, side > 0n ? 'up' : 'down') }),
  };
}

/** Tells whether stop, entry and target lie in their order. */
function isProtected({ stop, target }: OracleWant, side: bigint, price: bigint): boolean {
  if (stop !== undefined && side * (price - stop) <= 0n) return false;
  if (target !== undefined && side * (target - price) <= 0n) return false;
  return (stop ?? 1n) > 0n && (target ?? 1n) > 0n;
}

/** The worst that the orders out can make of a position, at the greatest price there is. */
function exposure(book: OracleBook, more?: OracleOrder): bigint {
  const orders = more === undefined ? ownOrders(book) : [...ownOrders(book), more];
  const sum = (side: bigint) =>
    orders.reduce((total, order) => total + (order.side === side ? order.open : 0n), 0n);
  const worst = greater(size(book.position + sum(1n)), size(book.position - sum(-1n)));
  const price = orders.reduce(
    (most, order) => (order.reducing ? most : greater(most, order.reserveAt)),
    book.mark,
  );
  return worth(book.of, price, worst);
}

/** Returns the first policy that refuses an order. */
function refusal(
  account: OracleAccount,
  book: OracleBook,
  { order, us }: { readonly order: OracleOrder; readonly us: number },
): string | undefined {
  const { rules, books } = account;
  const rise = exposure(book, order) - exposure(book);
  const gross = books.reduce((sum, one) => sum + exposure(one), 0n);
  const inSymbol = books
    .filter(({ of }) => of.symbol === book.of.symbol)
    .reduce((sum, one) => sum + exposure(one), 0n);
  return rules.policies.find((policy) => {
    if (policy === 'market-hours') return rules.denyAtClose && !isOpenAt(book.of, us);
    if (order.reducing) return false;
    if (policy === 'daily-loss') return account.isHalted;
    if (policy === 'symbol-notional')
      return rules.maxSymbol !== undefined && inSymbol + rise > rules.maxSymbol;
    if (policy === 'gross-exposure')
      return rules.maxGross !== undefined && gross + rise > rules.maxGross;
    return policy === 'buying-power' && !isCovered(account, book, { order, rise, gross });
  });
}

function isCovered(
  account: OracleAccount,
  book: OracleBook,
  {
    order,
    rise,
    gross,
  }: { readonly order: OracleOrder; readonly rise: bigint; readonly gross: bigint },
): boolean {
  const { rules, books } = account;
  const all = books.reduce(
    (sum, one) =>
      ownOrders(one).reduce(
        (total, { reserveAt, open }) => total + worth(one.of, reserveAt, open),
        sum,
      ),
    0n,
  );
  const buffer = (notional: bigint) => nearest(notional * rules.bufferBps, 10_000n);
  const withOrder = buffer(all + worth(book.of, order.reserveAt, order.open));
  return rise + withOrder <= nearest(equityParts(account), 1_000_000n) - gross;
}

/** Restates a book for a split; returns the cash of what is less than a lot. */
export function splitBook(book: OracleBook, to: bigint, from: bigint): bigint {
  const { of } = book;
  const { lot } = of;
  const scaled = size(book.position) * to;
  const left = scaled % (lot * from);
  const sign = book.position < 0n ? -1n : 1n;
  // What is left over is in units of 1/from of the new count; a new share is worth close × from / to.
  const fraction = sign * nearest(left * book.mark, to * of.unit * 1_000n);
  book.position = (sign * (scaled - left)) / from;
  book.mark = nearest(book.mark * from, to);
  if (book.again !== undefined) book.again.want = splitWant(book.again.want, to, from);
  const entries = new Set<OracleOrder>();
  for (const order of book.orders) {
    if (order.entry !== undefined) entries.add(order.entry);
    const price = (of: bigint, tick: bigint, way: 'down' | 'up'): bigint =>
      toStep(of * from, tick * to, way) / to;
    const down = order.side > 0n ? 'down' : 'up';
    const up = order.side > 0n ? 'up' : 'down';
    if (order.limit !== undefined) order.limit = price(order.limit, of.tick, down);
    if (order.stop !== undefined) order.stop = price(order.stop, of.tick, up);
    if (order.best !== undefined) order.best = nearest(order.best * from, to);
    if (order.trail !== undefined) order.trail = price(order.trail, of.tick, 'up');
    order.reserveAt = nearest(order.reserveAt * from, to);
    if (order.leg !== 0) continue;
    const { stop, target, trail } = order.exits ?? {};
    if (order.exits !== undefined) {
      order.exits = {
        ...order.exits,
        ...(stop === undefined ? {} : { stop: price(stop, of.tick, down) }),
        ...(target === undefined ? {} : { target: price(target, of.tick, up) }),
        ...(trail === undefined ? {} : { trail: price(trail, of.tick, 'up') }),
      };
    }
    order.open = toStep((order.open * to) / from, lot, 'down');
    if (order.open === 0n) order.isWorking = false;
  }
  for (const entry of entries) {
    entry.held = lesser(toStep((entry.held * to) / from, lot, 'down'), size(book.position));
  }
  return fraction;
}

/** What waits to be decided once more is restated to the nearest nano. */
function splitWant(want: OracleWant, to: bigint, from: bigint): OracleWant {
  const split = (key: 'limit' | 'entryStop' | 'stop' | 'target' | 'trail') => {
    const price = want[key];
    return price === undefined ? {} : { [key]: nearest(price * from, to) };
  };
  const entry = { ...split('limit'), ...split('entryStop') };
  return { ...want, ...entry, ...split('stop'), ...split('target'), ...split('trail') };
}
