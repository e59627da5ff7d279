import {
  greater,
  isOpenAt,
  lesser,
  nearest,
  type OracleBar,
  type OracleBook,
  type OracleFill,
  type OracleOrder,
  type OracleRules,
  type OracleSymbol,
  sessionOf,
  size,
  toStep,
  worth,
} from './test-oracle-model.ts';

type Moment = 'open' | 'inside' | 'close';

/** One symbol's bar that is being matched. */
export interface Matching {
  readonly rules: OracleRules;
  readonly book: OracleBook;
  readonly bar: OracleBar;
  readonly slice: number;
  readonly onFill: (fill: OracleFill) => void;
  readonly onExit: (order: OracleOrder) => void;
}

/** Fills what a bar fills for all bots that have its symbol: at its open, then inside, then at its close. */
export function matchBar(sharing: readonly Matching[]): void {
  for (const matching of sharing) beginBar(matching);
  const trading = sharing.filter(({ book, bar }) => isOpenAt(book.of, bar.startUs));
  const met = new Map(trading.map((one) => [one, live(one, new Set())]));
  fillAll(trading, nextAtOpen, 'open');
  fillAll(trading, nextInside, 'inside');
  fillAll(trading, nextAtClose, 'close');
  for (const matching of trading) endBar(matching, met.get(matching) ?? []);
}

function beginBar({ rules, book, bar }: Matching): void {
  const { of, volume } = book;
  endSessions(book, bar.startUs);
  const left = rules.cap === undefined ? undefined : (bar.volume * rules.cap) / 1_000_000n;
  volume.left = left === undefined ? undefined : toStep(left, of.lot, 'down');
  if (!isOpenAt(of, bar.startUs)) volume.left = 0n;
  for (const order of book.orders) {
    const entry = order.entry ?? order;
    entry.cameIn = 'before';
    entry.heldInside = 0n;
  }
}

function endBar(matching: Matching, met: readonly OracleOrder[]): void {
  const { book, bar } = matching;
  for (const order of met) {
    if (order.isWorking && order.leg === 0 && endsWithBar(book.of, order, bar)) end(book, order);
  }
  for (const order of book.orders) {
    if (order.decidedUs <= bar.startUs && reachesStop(matching, order)) order.isTriggered = true;
    followBest(order, bar);
  }
}

/** A price that an order gets now; `undefined` where it gets none. */
interface Candidate {
  readonly order: OracleOrder;
  readonly price: bigint;
}

/** The next candidate of a bot, and its turn among those of all bots. */
interface Turn extends Candidate {
  readonly turn: number;
}

/** Inside a bar: what nothing comes before, what exits at a bad price, what they come before, what exits at a good one. */
const TURNS = { first: 0, bad: 1, late: 2, badAfterLate: 3, good: 4 } as const;

type Finder = (matching: Matching, tried: ReadonlySet<OracleOrder>) => Turn | undefined;

function fillAll(sharing: readonly Matching[], find: Finder, moment: Moment): void {
  const tried = new Set<OracleOrder>();
  let isLate = false;
  for (;;) {
    const found = sharing.flatMap((matching) => {
      const next = find(matching, tried);
      if (next === undefined) return [];
      const isAgain = isLate && moment === 'inside' && next.turn === TURNS.bad;
      return [{ ...next, matching, turn: isAgain ? TURNS.badAfterLate : next.turn }];
    });
    const [next] = found.sort((a, b) => a.turn - b.turn || byDecision(a.order, b.order));
    if (next === undefined) return;
    isLate ||= next.turn === TURNS.late;
    tried.add(next.order);
    fillOrder(next.matching, next, moment);
  }
}

/** The first decided first, exits as their entries; at one time by id. */
function byDecision(a: OracleOrder, b: OracleOrder): number {
  const [one, other] = [a.entry ?? a, b.entry ?? b];
  return one.decidedUs - other.decidedUs || (one.id < other.id ? -1 : 1);
}

/** Orders that may fill in this bar, the first decided first; of one entry the stop before the target before the trail. */
function live({ book, bar }: Matching, tried: ReadonlySet<OracleOrder>): readonly OracleOrder[] {
  return book.orders.filter(
    (order) =>
      order.isWorking &&
      !tried.has(order) &&
      order.decidedUs <= bar.startUs &&
      remaining(order) > 0n,
  );
}

function remaining(order: OracleOrder): bigint {
  return order.entry === undefined ? order.open : order.entry.held;
}

/** What a take-profit may fill inside the bar: nobody knows which price came first after an entry there. */
function surely(order: OracleOrder): bigint {
  const { entry } = order;
  return entry === undefined ? 0n : lesser(remaining(order), entry.held - entry.heldInside);
}

const isStop = ({ type }: OracleOrder): boolean => type === 'stop' || type === 'trailingStop';

function nextAtOpen(matching: Matching, tried: ReadonlySet<OracleOrder>): Turn | undefined {
  const { book, bar } = matching;
  const found = live(matching, tried).flatMap((order) => {
    const price = priceAtOpen(matching, order);
    return price === undefined ? [] : [{ order, price }];
  });
  const session = sessionOf(book.of, bar.startUs);
  const inTime = found.filter(
    ({ order }) =>
      order.timeInForce !== 'onOpen' || openSession(book.of, order).date === session.date,
  );
  const next = inTime.find(({ order }) => order.leg === 0) ?? inTime[0];
  const ofNext = inTime.filter(
    ({ order }) => order.entry !== undefined && order.entry === next?.order.entry,
  );
  const first = ofNext.find(({ order }) => isStop(order)) ?? next;
  if (first === undefined) return undefined;
  const turn = first.order.leg === 0 ? TURNS.first : TURNS.bad;
  // Of a stop and a trail of one entry that both are behind the open, the nearer one came first.
  const rivals = inTime.flatMap(({ order }) => {
    const isRival = order.entry !== undefined && order.entry === first.order.entry;
    const level = isRival && isStop(order) ? stopLevel(matching, order) : undefined;
    return level === undefined ? [] : [{ order, price: level }];
  });
  if (!isStop(first.order) || rivals.length < 2) return { ...first, turn };
  return { order: firstReached(rivals).order, price: first.price, turn };
}

function priceAtOpen(matching: Matching, order: OracleOrder): bigint | undefined {
  const { bar, book, rules } = matching;
  const { side, type, timeInForce, limit } = order;
  if (timeInForce === 'onClose') return undefined;
  // Exits of an entry that came in later in this bar do not see its open.
  if (order.entry?.cameIn === 'inside' || order.entry?.cameIn === 'close') return undefined;
  if (type === 'market') return slipped(matching, side, bar.open);
  if (type === 'limit' && limit !== undefined) {
    const beyond = side * (limit - bar.open);
    const least = timeInForce === 'onOpen' || rules.limitFill === 'touch' ? 0n : book.of.tick;
    return beyond >= least ? bar.open : undefined;
  }
  if (type === 'stopLimit') {
    if (limit === undefined || !isTriggeredByOpen(matching, order)) return undefined;
    return side * (limit - bar.open) >= slack(matching) ? bar.open : undefined;
  }
  if (order.isTriggered && isStop(order)) return slipped(matching, side, bar.open);
  const level = stopLevel(matching, order);
  if (level === undefined || !isStop(order)) return undefined;
  return side * (bar.open - level) >= 0n ? slipped(matching, side, bar.open) : undefined;
}

/** At which price a stop triggers; of a trail behind its best price, on the tick away from the market. */
function stopLevel({ book, bar }: Matching, order: OracleOrder): bigint | undefined {
  if (order.type !== 'trailingStop') return order.stop;
  const best = order.best ?? bar.open;
  const { trail, trailRate = 0n, side } = order;
  if (trail !== undefined)
    return toStep(best + side * trail, book.of.tick, side < 0n ? 'down' : 'up');
  const scaled = best * (100_000_000n + side * trailRate);
  return toStep(scaled, book.of.tick * 100_000_000n, side < 0n ? 'down' : 'up') / 100_000_000n;
}

function nextInside(matching: Matching, tried: ReadonlySet<OracleOrder>): Turn | undefined {
  const orders = live(matching, tried).filter(
    ({ timeInForce, entry }) =>
      timeInForce !== 'onOpen' && timeInForce !== 'onClose' && entry?.cameIn !== 'close',
  );
  const reached = (some: readonly OracleOrder[]): Candidate[] =>
    some.flatMap((order) => {
      const price = order.leg === 0 ? entryInside(matching, order) : limitInside(matching, order);
      return price === undefined ? [] : [{ order, price }];
    });
  const exits = orders.filter(({ leg }) => leg !== 0);
  const stops = exits.flatMap((order) => {
    const price = stopInside(matching, order);
    return price === undefined ? [] : [{ order, price }];
  });
  const { position } = matching.book;
  // Where no exits work there is nothing to be worse than: orders come as they were decided.
  const isProtected = orders.some(({ entry }) => entry !== undefined);
  const closes = ({ side }: OracleOrder) => isProtected && side * position < 0n;
  const adding = reached(orders.filter((order) => order.leg === 0 && !closes(order)));
  // A price that falls to a buy limit passes the stops of a long that lie above it first.
  const before = adding.find(({ order, price }) =>
    stops.every(
      (stop) =>
        order.type === 'stop' ||
        stop.order.side === order.side ||
        order.side * (price - stop.price) > 0n,
    ),
  );
  if (before !== undefined) return { ...before, turn: TURNS.first };
  const stop = stops[0]?.order;
  if (stop !== undefined) {
    const ofEntry = stops.filter(
      ({ order }) => stop.entry !== undefined && order.entry === stop.entry,
    );
    return { ...unslipped(matching, firstReached(ofEntry)), turn: TURNS.bad };
  }
  const isTarget = ({ leg }: OracleOrder) => leg === 2;
  const closing = orders.filter(
    (order) => order.leg === 0 && order.type !== 'market' && closes(order),
  );
  const targets = orders.filter((order) => isTarget(order) && surely(order) > 0n);
  const late = adding[0] ?? reached(closing)[0];
  if (late !== undefined) return { ...late, turn: TURNS.late };
  const [good] = reached(targets);
  return good === undefined ? undefined : { ...good, turn: TURNS.good };
}

function limitInside(
  { rules, book, bar }: Matching,
  { side, limit }: OracleOrder,
): bigint | undefined {
  if (limit === undefined) return undefined;
  const most = side > 0n ? bar.low : bar.high;
  const beyond = side * (limit - most);
  return beyond >= (rules.limitFill === 'touch' ? 0n : book.of.tick) ? limit : undefined;
}

/** What has to trade beyond a limit. */
const slack = ({ rules, book }: Matching): bigint =>
  rules.limitFill === 'touch' ? 0n : book.of.tick;

/** Tells whether an order that waited for a stop waits no more once the bar is open. */
function isTriggeredByOpen({ bar }: Matching, { isTriggered, side, stop }: OracleOrder): boolean {
  return isTriggered || (stop !== undefined && side * (bar.open - stop) >= 0n);
}

/** Tells whether the bar reaches the stop of a stop-limit order. */
function reachesStop({ bar }: Matching, { type, side, stop }: OracleOrder): boolean {
  if (type !== 'stopLimit' || stop === undefined) return false;
  return side * ((side > 0n ? bar.high : bar.low) - stop) >= 0n;
}

/** The price at which an order of a signal fills inside the bar. */
function entryInside(matching: Matching, order: OracleOrder): bigint | undefined {
  const { bar } = matching;
  const { type, side, limit } = order;
  if (type === 'limit') return limitInside(matching, order);
  if (type === 'stop') {
    const level = stopInside(matching, order);
    return level === undefined ? undefined : slipped(matching, side, level);
  }
  if (type !== 'stopLimit' || limit === undefined) return undefined;
  if (isTriggeredByOpen(matching, order)) return limitInside(matching, order);
  // Of what traded after the stop only the close is known: it must lie within the limit, and the fill is the worst that can be.
  if (!reachesStop(matching, order) || side * (limit - bar.close) < slack(matching))
    return undefined;
  return side > 0n ? lesser(limit, bar.high) : greater(limit, bar.low);
}

/** The level at which a stop or trail triggers inside the bar. */
function stopInside(matching: Matching, order: OracleOrder): bigint | undefined {
  if (!isStop(order) || order.isTriggered) return undefined;
  const level = stopLevel(matching, order);
  if (level === undefined) return undefined;
  const worst = order.side > 0n ? matching.bar.high : matching.bar.low;
  return order.side * (worst - level) >= 0n ? level : undefined;
}

/** The stop that the price comes to first: the highest below the market, the lowest above. */
function firstReached(stops: readonly Candidate[]): Candidate {
  return stops.reduce((a, b) => (b.order.side * (b.price - a.price) < 0n ? b : a));
}

function unslipped(matching: Matching, { order, price }: Candidate): Candidate {
  return { order, price: slipped(matching, order.side, price) };
}

function nextAtClose(matching: Matching, tried: ReadonlySet<OracleOrder>): Turn | undefined {
  const { book, bar } = matching;
  if (sessionOf(book.of, bar.startUs).closeUs !== bar.endUs) return undefined;
  for (const order of live(matching, tried)) {
    if (order.timeInForce !== 'onClose') continue;
    const { side, type, limit } = order;
    const turn = TURNS.first;
    if (type === 'market') return { order, turn, price: slipped(matching, side, bar.close) };
    const isWithin = limit !== undefined && side * (limit - bar.close) >= 0n;
    if (isWithin) return { order, turn, price: bar.close };
  }
  return undefined;
}

/** The price that a taker gets: worse by the slippage, not outside of the bar. */
function slipped({ rules, book, bar }: Matching, side: bigint, price: bigint): bigint {
  const slip =
    nearest(price * rules.slippageRate, 100_000_000n) + rules.slippageTicks * book.of.tick;
  return side > 0n ? lesser(price + slip, bar.high) : greater(price - slip, bar.low);
}

/** Fills an order at a price as far as the bar's volume lets it. */
export function fillOrder(matching: Matching, { order, price }: Candidate, moment: Moment): void {
  const { rules, book, bar, slice, onFill } = matching;
  if (isStop(order)) order.isTriggered = true;
  const isLateTarget = order.leg === 2 && moment === 'inside';
  const wanted = isLateTarget ? surely(order) : remaining(order);
  const quantity = book.volume.left === undefined ? wanted : lesser(wanted, book.volume.left);
  if (quantity <= 0n) return;
  if (book.volume.left !== undefined) book.volume.left -= quantity;
  order.filled += quantity;
  order.filledNotional += worth(book.of, price, quantity);
  const fee = commission(rules, book.of, order) - order.feePaid;
  order.feePaid += fee;
  const atUs = moment === 'open' ? bar.startUs : bar.endUs;
  onFill({ slice, row: book.row, order, quantity, price, fee, atUs });
  const before = book.position;
  book.position += order.side * quantity;
  if (order.entry === undefined) {
    order.open -= quantity;
    if (order.open === 0n) order.isWorking = false;
    const closed = before * order.side < 0n ? lesser(size(before), quantity) : 0n;
    if (closed > 0n) closeHeld(book, closed === size(before) ? 0n : size(book.position));
    if (quantity > closed)
      openHeld(matching, { order, price }, { opened: quantity - closed, moment });
  } else {
    order.entry.held -= quantity;
    for (const other of book.orders) if (other.leg === 0) other.isWorking = false;
  }
  endUnneeded(book);
}

function commission(
  { commission: model }: OracleRules,
  { unit }: OracleSymbol,
  order: OracleOrder,
): bigint {
  if (model.kind === 'none') return 0n;
  if (model.kind === 'order') return model.fee;
  const raw =
    model.kind === 'unit'
      ? nearest(order.filled * model.fee, unit)
      : nearest(order.filledNotional * model.rate, 100_000_000n);
  return greater(raw, model.minimum);
}

/** What other orders close is what no exits protect first; the rest is lost by the exits, those of the oldest entry first. */
function closeHeld(book: OracleBook, position: bigint): void {
  const entries = entriesOf(book);
  let left = entries.reduce((sum, { held }) => sum + held, 0n) - position;
  for (const entry of entries) {
    const lost = greater(0n, lesser(left, entry.held));
    entry.held -= lost;
    left -= lost;
  }
}

const entriesOf = ({ orders }: OracleBook): readonly OracleOrder[] => [
  ...new Set(orders.flatMap(({ entry }) => (entry === undefined ? [] : [entry]))),
];

/** What an entry opens is held by its exits, which are made when it first opens something. */
function openHeld(
  { book, slice, onExit }: Matching,
  { order, price }: Candidate,
  { opened, moment }: { readonly opened: bigint; readonly moment: Moment },
): void {
  const { exits } = order;
  if (exits === undefined) return;
  if (order.held === 0n) {
    order.cameIn = moment;
    for (const leg of order.legs) {
      leg.isTriggered = false;
      leg.best = price;
    }
  }
  order.held += opened;
  if (moment === 'inside') order.heldInside += opened;
  if (order.legs.length > 0) return;
  const quantity = opened + order.open;
  const base = {
    ...order,
    slice,
    side: -order.side,
    quantity,
    entry: order,
    exits: undefined,
    reducing: true,
  };
  const more = {
    cause: 'protection',
    timeInForce: 'gtc',
    legs: [],
    held: 0n,
    heldInside: 0n,
    open: 0n,
    filled: 0n,
  } as const;
  const add = (leg: number, own: Pick<OracleOrder, 'type'> & Partial<OracleOrder>): void => {
    const clean = { limit: undefined, stop: undefined, trail: undefined, trailRate: undefined };
    const costs = {
      filledNotional: 0n,
      feePaid: 0n,
      isTriggered: false,
      isWorking: true,
      hasExpired: false,
    };
    const prices = { limitOrdered: own.limit, stopOrdered: own.stop };
    order.legs.push({
      ...base,
      ...more,
      ...clean,
      ...costs,
      best: undefined,
      ...own,
      ...prices,
      legs: [],
      leg,
    });
  };
  if (exits.stop !== undefined) add(1, { type: 'stop', stop: exits.stop });
  if (exits.target !== undefined) add(2, { type: 'limit', limit: exits.target });
  if (exits.trail !== undefined) add(3, { type: 'trailingStop', trail: exits.trail, best: price });
  if (exits.trailRate !== undefined) {
    add(3, { type: 'trailingStop', trailRate: exits.trailRate, best: price });
  }
  for (const leg of order.legs) onExit(leg);
  book.orders.push(...order.legs);
  book.orders.sort((a, b) => a.decidedUs - b.decidedUs || a.leg - b.leg);
}

/** Exits end with what they protect, unless their entry may still open more. */
export function endUnneeded(book: OracleBook): void {
  for (const order of book.orders) {
    const { entry } = order;
    if (entry !== undefined && entry.held === 0n && !entry.isWorking) order.isWorking = false;
  }
  book.orders = book.orders.filter(({ isWorking }) => isWorking);
}

/** Ends an order that was not filled. */
export function end(book: OracleBook, order: OracleOrder): void {
  order.isWorking = false;
  endUnneeded(book);
}

/** An order on the open belongs to the first session that opens from its decision on. */
function openSession(
  of: OracleSymbol,
  { decidedUs }: OracleOrder,
): { readonly date: string; readonly closeUs: number } {
  const session = sessionOf(of, decidedUs);
  return session.openUs >= decidedUs ? session : sessionOf(of, session.closeUs);
}

function endsWithBar(of: OracleSymbol, order: OracleOrder, bar: OracleBar): boolean {
  const session = sessionOf(of, bar.startUs);
  if (order.timeInForce === 'ioc') return true;
  if (order.timeInForce === 'onOpen') return openSession(of, order).date === session.date;
  return order.timeInForce === 'onClose' && session.closeUs === bar.endUs;
}

/** Ends the orders whose session is over at a time. */
export function endSessions(book: OracleBook, us: number): void {
  for (const order of [...book.orders]) {
    if (order.leg !== 0 || order.timeInForce === 'gtc') continue;
    const { closeUs } =
      order.timeInForce === 'onOpen'
        ? openSession(book.of, order)
        : sessionOf(book.of, order.decidedUs);
    if (closeUs > us) continue;
    order.hasExpired = order.type === 'market' && order.timeInForce === 'day';
    end(book, order);
  }
}

/** A trail follows the best price of the bars behind it. */
function followBest(order: OracleOrder, bar: OracleBar): void {
  const { side, entry } = order;
  if (order.type !== 'trailingStop' || order.best === undefined || entry === undefined) return;
  if (entry.held === 0n || entry.cameIn === 'close' || order.isTriggered) return;
  const seen = entry.cameIn === 'inside' ? bar.close : side < 0n ? bar.high : bar.low;
  order.best = side < 0n ? greater(order.best, seen) : lesser(order.best, seen);
}
