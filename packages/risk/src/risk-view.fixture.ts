import { CalendarBook } from '@capstan/calendar';
import {
  type CashMicros,
  cashMicros,
  type Instrument,
  InstrumentBook,
  type Intent,
  notionalMicros,
  parseCash,
  parsePrice,
  priceNanos,
  quantity,
  type TimeUs,
  timeUs,
  usEquity,
} from '@capstan/domain';
import type { Breaker } from './breaker.ts';
import type { KnownConditions } from './conditions.ts';
import type { DailyLoss } from './daily-loss.ts';
import type { OpenDrifts } from './drift.ts';
import { type Exposure, exposureMicros } from './exposure.ts';
import { KILL_OFF, type KillSwitch } from './kill-switch.ts';
import type { RiskView } from './risk-view.ts';
import type { TallyView } from './tally.ts';

/** 2024-01-03 12:00 in New York, in the middle of a session. */
export const NOON: TimeUs = timeUs(1_704_301_200_000_000);
/** The close of that session. */
export const CLOSE: TimeUs = timeUs(1_704_315_600_000_000);

const HUNDRED = parsePrice('100');
const INSTRUMENTS: readonly Instrument[] = [
  usEquity('AAA'),
  usEquity('BBB'),
  { ...usEquity('FUT'), assetClass: 'future', multiplier: 50 },
];
const CALENDARS = new CalendarBook();

/** A day on which nothing has been. */
const QUIET: TallyView = {
  startEquityMicros: parseCash('10000'),
  peakEquityMicros: parseCash('10000'),
  unsettledMicros: 0,
  lossMicros: () => 0,
  fallMicros: () => 0,
  isStopped: () => false,
  trades: () => 0,
  lastFillUs: () => undefined,
  ordersAfter: () => [],
};

export interface ViewSpec {
  readonly cashMicros?: CashMicros;
  readonly killSwitch?: KillSwitch;
  readonly dailyLoss?: DailyLoss;
  readonly breaker?: Breaker;
  readonly drifts?: OpenDrifts;
  readonly conditions?: KnownConditions;
  readonly clockOffsetUs?: number;
  readonly tally?: Partial<TallyView>;
  /** When the price of 100 was heard; noon unless given, none where null. */
  readonly markedAtUs?: TimeUs | null;
  /** Bot, symbol, position, open buys, open sells; at a price of 100. */
  readonly exposures?: readonly (readonly [string, string, number, number, number])[];
}

/** Builds a view in which everything costs 100 and cash is 10,000 unless told otherwise. */
export function viewOf(spec: ViewSpec = {}): RiskView {
  const book = new InstrumentBook(INSTRUMENTS);
  const exposures: Exposure[] = (spec.exposures ?? []).map(
    ([botId, symbol, position, buys, sells]) => ({
      botId,
      symbol,
      positionQuantity: quantity(position),
      openBuyQuantity: quantity(buys),
      openSellQuantity: quantity(sells),
      priceNanos: HUNDRED,
    }),
  );
  const sum = (of: readonly Exposure[], value: (one: Exposure) => number) =>
    cashMicros(of.reduce((total, one) => total + value(one), 0));
  const notional = (one: Exposure, amount: number) =>
    notionalMicros(book.get(one.symbol), HUNDRED, quantity(amount));
  const gross = (of: readonly Exposure[]) =>
    sum(of, (one) => exposureMicros(one, book.get(one.symbol)));
  const { dailyLoss, breaker, drifts, conditions, clockOffsetUs, tally, markedAtUs = NOON } = spec;
  return {
    accountId: 'paper',
    killSwitch: spec.killSwitch ?? KILL_OFF,
    ...(dailyLoss === undefined ? {} : { dailyLoss }),
    ...(breaker === undefined ? {} : { breaker }),
    ...(drifts === undefined ? {} : { drifts }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(clockOffsetUs === undefined ? {} : { clockOffsetUs }),
    ...(tally === undefined ? {} : { tally: { ...QUIET, ...tally } }),
    freeCashMicros: cashMicros(
      (spec.cashMicros ?? parseCash('10000')) -
        sum(exposures, (one) => notional(one, one.openBuyQuantity)),
    ),
    exposures: () => exposures,
    mark: (symbol) =>
      markedAtUs === null ? undefined : { symbol, priceNanos: HUNDRED, barEndUs: markedAtUs },
    equityMicros: cashMicros(
      (spec.cashMicros ?? parseCash('10000')) +
        sum(exposures, (one) => notional(one, one.positionQuantity)),
    ),
    openNotionalMicros: sum(exposures, (one) =>
      notional(one, one.openBuyQuantity + one.openSellQuantity),
    ),
    grossMicros: gross(exposures),
    exposure: (botId, symbol) =>
      exposures.find((one) => one.botId === botId && one.symbol === symbol) ?? {
        botId,
        symbol,
        positionQuantity: quantity(0),
        openBuyQuantity: quantity(0),
        openSellQuantity: quantity(0),
        priceNanos: HUNDRED,
      },
    symbolMicros: (symbol) => gross(exposures.filter((one) => one.symbol === symbol)),
    instrument: (symbol) => book.get(symbol),
    calendar: (instrument) => CALENDARS.get(instrument.calendar),
  };
}

/** Builds an intent of bot `a` to buy 10 AAA at 100, decided at noon. */
export function intentOf(changes: Partial<Intent> = {}): Intent {
  return {
    intentId: 'intent-1',
    runId: 'live',
    accountId: 'paper',
    botId: 'a',
    symbol: 'AAA',
    causeKind: 'signal',
    causeId: 'signal-1',
    side: 'buy',
    quantity: quantity(10),
    type: 'market',
    timeInForce: 'day',
    reducing: false,
    referencePriceNanos: priceNanos(HUNDRED),
    decidedAtUs: NOON,
    ...changes,
  };
}
