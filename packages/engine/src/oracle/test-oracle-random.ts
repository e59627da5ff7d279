import { CalendarBook } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import { NEW_YORK, usd } from './test-oracle-cases.ts';
import { sessionsOf } from './test-oracle-engine.ts';
import type {
  OracleAction,
  OracleBar,
  OracleRules,
  OracleSchedule,
  OracleSession,
  OracleSymbol,
  OracleTimeInForce,
  OracleWant,
} from './test-oracle-model.ts';

/** A seeded source of numbers. */
export interface Dice {
  /** A whole number from 0 to below `limit`. */
  roll(limit: number): number;
  pick<Value>(values: readonly Value[]): Value;
  /** True once in so many. */
  once(inHowMany: number): boolean;
}

/** @source mulberry32 by Tommy Ettinger, public domain. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const roll = (limit: number) => Math.floor(next() * limit);
  return {
    roll,
    pick: (values) => values[roll(values.length)] as (typeof values)[number],
    once: (inHowMany) => roll(inHowMany) === 0,
  };
}

/** What of the rules a random case may make use of. */
export interface Features {
  readonly symbols: number;
  readonly hasExits: boolean;
  readonly hasEntryStops?: boolean;
  readonly hasTrails: boolean;
  readonly hasCap: boolean;
  readonly hasActions: boolean;
  readonly hasLossLimit: boolean;
  readonly timesInForce: readonly OracleTimeInForce[];
  readonly isSameClose: boolean;
  readonly hasFutures?: boolean;
  /** Some symbols trade around the clock. */
  readonly hasNights?: boolean;
  readonly hasSchedule?: boolean;
}

const CALENDARS = new CalendarBook();
const SESSIONS = sessionsOf(CALENDARS.get('XNYS'), '2024-07-01', 20);
const NIGHTS = sessionsOf(CALENDARS.get('24x7'), '2024-07-01', 20);
/** Minutes of the sessions of a case: the first and the last ones of each, of which some are left out. */
const MINUTES_AT_EDGE = 8;
const CENT = usd(0.01);

function barsOf(dice: Dice, sessions: readonly OracleSession[]): OracleBar[] {
  const bars: OracleBar[] = [];
  let last = 1_000;
  for (const { openUs, closeUs } of sessions.slice(0, 5)) {
    const minutes = (closeUs - openUs) / US_PER_MINUTE;
    for (let minute = 0; minute < minutes; minute += 1) {
      const isEdge = minute < MINUTES_AT_EDGE || minute >= minutes - MINUTES_AT_EDGE;
      if (!isEdge || dice.once(8)) continue;
      const open = Math.max(500, last + dice.roll(7) - 3);
      const close = Math.max(500, open + dice.roll(7) - 3);
      last = close;
      const cents = (count: number) => BigInt(count) * CENT;
      const startUs = openUs + minute * US_PER_MINUTE;
      bars.push({
        ...{ startUs, endUs: startUs + US_PER_MINUTE, open: cents(open), close: cents(close) },
        high: cents(Math.max(open, close) + dice.roll(4)),
        low: cents(Math.min(open, close) - dice.roll(4)),
        volume: BigInt(dice.roll(2_000)),
      });
    }
  }
  return bars;
}

function wantOf(dice: Dice, bar: OracleBar, features: Features): OracleWant | undefined {
  if (!dice.once(3)) return undefined;
  const direction = dice.pick([1, 0, -1] as const);
  const cents = (count: number) => bar.close + BigInt(direction * count) * CENT;
  const timeInForce = dice.pick([undefined, ...features.timesInForce]);
  const strength = dice.pick([1_000_000n, 1_000_000n, 500_000n, 250_000n]);
  const time = timeInForce === undefined ? {} : { timeInForce };
  if (direction === 0) return { direction, strength: 0n, ...time };
  const isAuction = timeInForce === 'onOpen' || timeInForce === 'onClose';
  const isTrailing = features.hasTrails && dice.once(3);
  return {
    ...{ direction, strength, ...time },
    ...(dice.once(3) ? { limit: cents(-dice.roll(4)) } : {}),
    ...(features.hasEntryStops === true && !isAuction ? entryOf(dice, cents) : {}),
    ...(features.hasExits && dice.once(2) ? { stop: cents(-4 - dice.roll(4)) } : {}),
    ...(features.hasExits && dice.once(2) ? { target: cents(2 + dice.roll(6)) } : {}),
    ...(isTrailing
      ? dice.pick([{ trail: 4n * CENT }, { trail: 7n * CENT }, { trailRate: 400_000n }])
      : {}),
  };
}

/** Sometimes a stop to enter by, now and then behind the price, and sometimes with a limit around it. */
function entryOf(
  dice: Dice,
  cents: (count: number) => bigint,
): Pick<OracleWant, 'entryStop' | 'limit'> {
  if (dice.once(3)) return {};
  const away = dice.roll(6) - 1;
  const limit = dice.once(2) ? { limit: cents(away + dice.roll(4) - 1) } : {};
  return { entryStop: cents(away), ...limit };
}

function actionsOf(dice: Dice): OracleAction[] {
  const dates = SESSIONS.slice(1, 6).map(({ date }) => date);
  const actions: OracleAction[] = [];
  const exDate = dice.pick(dates);
  if (dice.once(2)) {
    const [to, from] = dice.pick([
      [2n, 1n],
      [3n, 2n],
      [1n, 3n],
      [7n, 1n],
    ] as const);
    actions.push({ kind: 'split', exDate, to, from });
  }
  for (let dividends = dice.roll(3); dividends > 0; dividends -= 1) {
    const day = dice.roll(5);
    const date = dates[day] ?? exDate;
    const amount = BigInt(1 + dice.roll(2_000)) * 1_234_567n;
    const payDate = SESSIONS[day + 1 + dice.roll(3)]?.date ?? date;
    actions.push({ kind: 'dividend', exDate: date, amount, ...(dice.once(3) ? {} : { payDate }) });
  }
  return actions;
}

export function wantsOf(
  dice: Dice,
  bars: readonly OracleBar[],
  features: Features,
): readonly (OracleWant | undefined)[] {
  return bars.map((bar) => wantOf(dice, bar, features));
}

export function symbolOf(dice: Dice, symbol: string, features: Features): OracleSymbol {
  const isAlwaysOpen = features.hasNights === true && dice.once(2);
  const isFuture = features.hasFutures === true && !dice.once(3);
  const sessions = isAlwaysOpen ? NIGHTS : SESSIONS;
  const bars = barsOf(dice, sessions);
  const isWhole = dice.once(2);
  return {
    ...{
      bot: 'bot',
      symbol,
      tick: CENT,
      lot: isWhole ? 1n : 10n,
      unit: isWhole ? 1n : 1_000n,
      bars,
    },
    ...{ isFuture, multiplier: isFuture ? dice.pick([1n, 5n, 50n]) : 1n, sessions },
    wants: wantsOf(dice, bars, features),
    actions: features.hasActions && !isFuture ? actionsOf(dice) : [],
    calendar: isAlwaysOpen ? '24x7' : 'XNYS',
    offsetMinutes: isAlwaysOpen ? 0 : NEW_YORK,
  };
}

function scheduleOf(dice: Dice): OracleSchedule {
  const [from, until] = dice.pick([
    [0, 1_440],
    [9 * 60 + 33, 15 * 60 + 55],
    [15 * 60 + 54, 9 * 60 + 35],
    [23 * 60 + 55, 4],
  ] as const);
  const zone = dice.pick([
    undefined,
    { name: 'UTC', offsetMinutes: 0 },
    { name: 'America/New_York', offsetMinutes: NEW_YORK },
  ]);
  return {
    ...(dice.once(2) ? {} : { days: dice.pick([[1, 3, 5], [2, 4, 6, 0], [3]]) }),
    ...{ from, until, atEnd: dice.pick(['hold', 'flatten'] as const) },
    ...(zone === undefined ? {} : { zone }),
    ...(dice.once(2) ? {} : { afterOpen: dice.roll(6) }),
    ...(dice.once(2) ? {} : { beforeClose: dice.roll(6) }),
  };
}

export function rulesOf(dice: Dice, features: Features): OracleRules {
  const policies = [
    ['market-hours', 'daily-loss', 'symbol-notional', 'gross-exposure', 'buying-power'],
    ['daily-loss', 'buying-power'],
    ['daily-loss'],
  ];
  const { hasCap, hasLossLimit, isSameClose, hasSchedule } = features;
  return {
    ...(hasSchedule === true ? { schedule: scheduleOf(dice) } : {}),
    cash: dice.pick([2_000_000_000n, 100_000_000_000n]),
    sizing: dice.pick<OracleRules['sizing']>([
      { kind: 'fixed', quantity: 700n },
      { kind: 'fixed', quantity: 90n },
      { kind: 'equity', fraction: 300_000n },
      { kind: 'cash', fraction: 900_000n, feeRate: 50_000n },
      { kind: 'cash', fraction: 1_000_000n, feeRate: 0n },
    ]),
    policies: dice.pick(policies),
    bufferBps: dice.pick([0n, 50n]),
    denyAtClose: dice.once(2),
    ...(dice.once(3) ? { maxSymbol: 20_000_000_000n } : {}),
    ...(dice.once(3) ? { maxGross: 50_000_000_000n } : {}),
    ...(hasLossLimit && dice.once(2) ? { maxLoss: 5_000_000n } : {}),
    ...(hasLossLimit && dice.once(2) ? { maxLossFraction: 3_000n } : {}),
    haltFor: dice.pick(['run', 'session'] as const),
    limitFill: dice.pick(['through', 'touch'] as const),
    ...(hasCap && dice.once(2) ? { cap: dice.pick([50_000n, 10_000n]) } : {}),
    commission: dice.pick<OracleRules['commission']>([
      { kind: 'none' },
      { kind: 'order', fee: 350_000n },
      { kind: 'unit', fee: 5_000n, minimum: 1_000_000n },
      { kind: 'rate', rate: 53_000n, minimum: 0n },
      { kind: 'rate', rate: 10_000n, minimum: 400_000n },
    ]),
    slippageRate: 0n,
    slippageTicks: 0n,
    ...dice.pick([{}, { slippageRate: 70_000n }, { slippageTicks: 1n }]),
    fillAt: isSameClose ? 'sameClose' : 'nextOpen',
    closeAtEnd: dice.once(3),
  };
}
