import { CalendarBook, dayNumber, newYorkTimeUs } from '@capstan/calendar';
import {
  type Bar,
  cashMicros,
  formatPrice,
  type Instrument,
  InstrumentBook,
  type OrderTerms,
  orderId,
  parsePrice,
  priceNanos,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { Matcher } from './matcher.ts';
import { type MatcherConfig, PLAIN_MATCHER_CONFIG } from './matcher-config.ts';
import type { EndReason, MatcherEvent } from './matcher-event.ts';

const MINUTE_US = 60_000_000;
/** 2024-07-05 10:00 in New York, inside a full session that closes at 16:00. */
export const TEN_US = newYorkTimeUs(dayNumber('2024-07-05'), 10 * 60);

/** A future at 1/4 point with multiplier 50 on the 24x7 calendar, for tests. */
export const TEST_FUTURE: Instrument = {
  ...usEquity('FUT'),
  assetClass: 'future',
  tickNanos: priceNanos(250_000_000),
  multiplier: 50,
  calendar: '24x7',
};
/** An instrument traded in thousandths, with a lot of half a unit, for tests. */
export const TEST_FRACTIONAL: Instrument = {
  ...usEquity('FRAC'),
  quantityScale: 3,
  lot: quantity(500),
};

export function testMatcher(config: Partial<MatcherConfig> = {}): Matcher {
  const calendars = new CalendarBook();
  const instruments = [usEquity('SPY'), usEquity('QQQ'), TEST_FUTURE, TEST_FRACTIONAL];
  return new Matcher(
    { ...PLAIN_MATCHER_CONFIG, ...config },
    new InstrumentBook(instruments),
    (name) => calendars.get(name),
  );
}

/** Terms as a test writes them: prices as decimals, times as minutes after 10:00. */
export interface TestTerms {
  readonly id?: string;
  readonly symbol?: string;
  readonly side?: OrderTerms['side'];
  readonly quantity?: number;
  readonly limit?: string;
  readonly stop?: string;
  readonly timeInForce?: OrderTerms['timeInForce'];
  readonly minute?: number;
  readonly decidedAtUs?: number;
  readonly botId?: string;
  readonly reducing?: boolean;
  /** Makes it a trailing stop. */
  readonly trail?: TestTrail;
  readonly exits?: { readonly stop?: string; readonly target?: string } & TestTrail;
}

interface TestTrail {
  readonly by?: string;
  readonly bps?: number;
  readonly from?: string;
}

/** Builds the terms of an order; its type follows from the prices given. Buys 100 SPY for the day by default. */
export function testOrder(given: TestTerms = {}): OrderTerms {
  const { limit, stop, trail, exits, id = 'a' } = given;
  const withStop = stop === undefined ? 'market' : 'stop';
  const withLimit = stop === undefined ? 'limit' : 'stopLimit';
  const decidedAtUs = timeUs(given.decidedAtUs ?? TEN_US + (given.minute ?? 0) * MINUTE_US);
  return {
    orderId: id,
    intentId: `intent-${id}`,
    runId: 'live',
    accountId: 'account',
    botId: given.botId ?? 'bot',
    symbol: given.symbol ?? 'SPY',
    side: given.side ?? 'buy',
    quantity: quantity(given.quantity ?? 100),
    type: trail !== undefined ? 'trailingStop' : limit === undefined ? withStop : withLimit,
    ...(limit === undefined ? {} : { limitPriceNanos: parsePrice(limit) }),
    ...(stop === undefined ? {} : { stopPriceNanos: parsePrice(stop) }),
    ...(trail === undefined ? {} : trailOf(trail)),
    ...(trail?.from === undefined ? {} : { activationPriceNanos: parsePrice(trail.from) }),
    ...(exits === undefined ? {} : { exits: exitsOf(exits) }),
    timeInForce: given.timeInForce ?? 'day',
    reducing: given.reducing ?? false,
    leg: 0,
    attempt: 1,
    decidedAtUs,
    expiresAtUs: timeUs(decidedAtUs + MINUTE_US),
  };
}

const trailOf = ({ by, bps }: TestTrail) => ({
  ...(by === undefined ? {} : { trailNanos: parsePrice(by) }),
  ...(bps === undefined ? {} : { trailBps: bps }),
});

const exitsOf = ({ stop, target, ...trail }: NonNullable<TestTerms['exits']>) => ({
  ...(stop === undefined ? {} : { stopPriceNanos: parsePrice(stop) }),
  ...(target === undefined ? {} : { takeProfitPriceNanos: parsePrice(target) }),
  ...trailOf(trail),
});

const LEG_NAMES = ['', '.stop', '.target', '.trail'];
const EXIT_NAMES = new Map(
  [...'abcdefgh'].flatMap((id) =>
    [1, 2, 3].map((leg) => [
      orderId({ intentId: `intent-${id}`, leg, attempt: 1 }),
      `${id}${LEG_NAMES[leg]}`,
    ]),
  ),
);

/** Returns the id of an exit of a test's order: `a.stop` is the stop of `a`. */
export function exitId(name: string): string {
  return [...EXIT_NAMES].find(([, known]) => known === name)?.[0] ?? name;
}

/** Says events in short lines, times as minutes after 10:00: `a filled 100 at 99.50, minute 1`. */
export function said(events: readonly MatcherEvent[]): readonly string[] {
  return events.map((event) => {
    const who = EXIT_NAMES.get(event.orderId) ?? event.orderId;
    const minute = (event.eventAtUs - TEN_US) / MINUTE_US;
    if (event.kind === 'accepted') return `${who} works`;
    if (event.kind === 'filled') {
      return `${who} filled ${event.quantity} at ${formatPrice(event.priceNanos)}, minute ${minute}`;
    }
    return `${who} ${event.kind}, minute ${minute}: ${event.reason}`;
  });
}

/** A bar as a test writes it: `open high low close`, the minute after 10:00 at which it starts, and its volume. */
export function testBar(
  ohlc: string,
  at: { minute?: number; startUs?: number; volume?: number; symbol?: string } = {},
): Bar {
  const [open = '', high = '', low = '', close = ''] = ohlc.split(' ');
  const startUs = at.startUs ?? TEN_US + (at.minute ?? 0) * MINUTE_US;
  return {
    symbol: at.symbol ?? 'SPY',
    timeframe: '1m',
    startUs: timeUs(startUs),
    endUs: timeUs(startUs + MINUTE_US),
    revision: 0,
    openNanos: parsePrice(open),
    highNanos: parsePrice(high),
    lowNanos: parsePrice(low),
    closeNanos: parsePrice(close),
    volume: at.volume ?? 1_000_000,
  };
}

/** Builds the event of a fill as a test writes it: price as a decimal, minutes after 10:00. */
export function filled(
  orderId: string,
  amount: number,
  price: string,
  minute: number,
  feeMicros = 0,
): MatcherEvent {
  return {
    kind: 'filled',
    orderId,
    quantity: quantity(amount),
    priceNanos: parsePrice(price),
    feeMicros: cashMicros(feeMicros),
    eventAtUs: timeUs(TEN_US + minute * MINUTE_US),
  };
}

/** Builds the event of an order's end without a fill, at a minute after 10:00. */
export function ended(
  kind: 'expired' | 'cancelled',
  orderId: string,
  minute: number,
  reason: EndReason,
): MatcherEvent {
  return { kind, orderId, eventAtUs: timeUs(TEN_US + minute * MINUTE_US), reason };
}
