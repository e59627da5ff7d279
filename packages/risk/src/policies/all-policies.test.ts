import { type Intent, parseCash, parsePrice, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { foreignCash } from '../drift.ts';
import { DEFAULT_LIMITS, POLICY_NAMES, type RiskLimits } from '../limits.ts';
import { CLOSE, intentOf, NOON, type ViewSpec, viewOf } from '../risk-view.fixture.ts';
import { POLICIES } from './all-policies.ts';
import { reasonOf } from './reason-of.fixture.ts';

const SECOND = 1_000_000;

describe('every policy', () => {
  it('has the name under which it is found', () => {
    expect(POLICY_NAMES.map((name) => POLICIES[name].name)).toEqual([...POLICY_NAMES]);
  });
});

/** Limits that everything breaks, for every policy. */
const TIGHT: RiskLimits = {
  ...DEFAULT_LIMITS,
  requireBreaker: true,
  maxClockOffsetUs: 1,
  maxDataAgeUs: 1,
  sessionStart: '23:00',
  blockedSymbols: ['AAA'],
  haltedSymbols: ['AAA'],
  shortRestrictedSymbols: ['AAA'],
  longOnly: true,
  maxDailyLossMicros: parseCash('1'),
  maxSymbolDailyLossMicros: parseCash('1'),
  maxDrawdownFraction: 0.1,
  maxOrderUnits: 1,
  priceCollarBps: 0,
  duplicateWindowUs: SECOND,
  cooldownUs: SECOND,
  maxOrdersPerMinute: 0,
  maxTradesPerDay: 0,
  maxPositions: 0,
  maxPositionUnits: 1,
  maxSymbolNotionalMicros: parseCash('1'),
  maxGrossExposureMicros: parseCash('1'),
  maxNetExposureMicros: parseCash('1'),
  settledCashOnly: true,
  capitalReserveMicros: parseCash('1000000'),
};
const killed = { mode: 'soft', actor: 'ana', reason: 'drill' } as const;

describe('reducing', () => {
  it('passes every policy but those that say that they stop it, under limits that all refuse adding', () => {
    const view = viewOf({
      killSwitch: killed,
      drifts: 'unreadable',
      conditions: { clockOffsetUs: 0, halted: [], shortRestricted: [], keysRefused: true },
      clockOffsetUs: 60 * SECOND,
      cashMicros: parseCash('0'),
      exposures: [
        ['a', 'AAA', -50, 0, 0],
        ['b', 'AAA', 50, 10, 10],
      ],
      markedAtUs: null,
    });
    const late = timeUs(CLOSE + 3_600 * SECOND);
    const ask = (name: (typeof POLICY_NAMES)[number], changes: Partial<Intent>) =>
      POLICIES[name].check(intentOf(changes), view, TIGHT, late, {});
    const night = timeUs(CLOSE + SECOND);
    const collared = { limitPriceNanos: parsePrice('200'), type: 'limit' } as const;
    for (const name of POLICY_NAMES) {
      const entry = { decidedAtUs: night, ...collared };
      const limit = name === 'short-sale' ? { limitPriceNanos: parsePrice('99') } : {};
      const adding = [ask(name, entry), ask(name, { ...entry, side: 'sell', ...limit })];
      expect([name, adding.some((one) => one !== undefined)]).toEqual([name, true]);
      const stopped = ask(name, { ...entry, reducing: true }) !== undefined;
      expect([name, stopped]).toEqual([name, POLICIES[name].stopsReducing === true]);
    }
  });
});

describe('kill-switch', () => {
  const killSwitch = { mode: 'soft', actor: 'ana', reason: 'drill' } as const;
  it('denies adding while it is thrown, and lets reducing pass', () => {
    expect(reasonOf('kill-switch', {}, { killSwitch })).toBe(
      'the soft kill switch was thrown by ana: drill',
    );
    expect(reasonOf('kill-switch', { reducing: true }, { killSwitch })).toBeUndefined();
    expect(reasonOf('kill-switch', {})).toBeUndefined();
  });
});

describe('decision-age', () => {
  it('denies adding on a decision older than allowed, and lets reducing pass', () => {
    const late = timeUs(NOON + 61 * SECOND);
    expect(reasonOf('decision-age', {}, {}, {}, late)).toBe(
      'the decision is 61 s old, at most 60 s are allowed',
    );
    expect(reasonOf('decision-age', { reducing: true }, {}, {}, late)).toBeUndefined();
    expect(reasonOf('decision-age', {}, {}, {}, timeUs(NOON + 60 * SECOND))).toBeUndefined();
  });
});

describe('market-hours', () => {
  it('passes what is decided inside a session, up to its last minute', () => {
    expect(reasonOf('market-hours', {})).toBeUndefined();
    const lastMinute = timeUs(CLOSE - 60 * SECOND);
    expect(reasonOf('market-hours', { decidedAtUs: lastMinute })).toBeUndefined();
  });

  it('denies what is decided at the close, an exit as well, as it cannot execute in the session', () => {
    expect(reasonOf('market-hours', { decidedAtUs: CLOSE })).toBe(
      'an entry decided at the close of XNYS for AAA cannot execute before the session of 2024-01-04, and entryTiming is deny',
    );
    expect(reasonOf('market-hours', { decidedAtUs: CLOSE, reducing: true })).toContain(
      'an exit decided at the close',
    );
  });

  it('denies what is decided while the market is closed', () => {
    const night = timeUs(CLOSE + 3_600 * SECOND);
    expect(reasonOf('market-hours', { decidedAtUs: night })).toContain('while XNYS is closed');
  });

  it('passes a decision at the close where it means the next open', () => {
    const limits = { entryTiming: 'nextOpen' } as const;
    expect(reasonOf('market-hours', { decidedAtUs: CLOSE }, {}, limits)).toBeUndefined();
  });
});

describe('daily-loss', () => {
  const limits = { maxDailyLossFraction: 0.1, maxDailyLossMicros: parseCash('2000') };
  const began = (start: string, isHalted = false): ViewSpec => ({
    dailyLoss: { startEquityMicros: parseCash(start), isHalted },
  });
  it('denies adding once a session has lost the smaller of fraction and amount', () => {
    expect(reasonOf('daily-loss', {}, began('11111'), limits)).toBeUndefined();
    expect(reasonOf('daily-loss', {}, began('11112'), limits)).toBe(
      "1112.00 is lost since the session's start, at most 1111.20 may be",
    );
    const amount = { maxDailyLossMicros: parseCash('500') };
    expect(reasonOf('daily-loss', {}, began('10500'), amount)).toContain('500.00 is lost');
    expect(reasonOf('daily-loss', {}, began('10499.99'), amount)).toBeUndefined();
  });

  it('denies adding while halted, whatever equity does, and lets reducing pass', () => {
    expect(reasonOf('daily-loss', {}, began('10000', true), limits)).toBe(
      'halted: the loss of a session reached 1000.00',
    );
    const reducing = { reducing: true };
    expect(reasonOf('daily-loss', reducing, began('20000', true), limits)).toBeUndefined();
  });

  it("adds nothing where the session's start is not known, and asks nothing without a limit", () => {
    expect(reasonOf('daily-loss', {}, {}, limits)).toBe(
      "equity at the session's start is not known",
    );
    expect(reasonOf('daily-loss', {})).toBeUndefined();
  });
});

describe('symbol-notional', () => {
  const limits = { maxSymbolNotionalMicros: parseCash('2000') };
  it('denies what takes the symbol above its cap, to the last micro', () => {
    const held: ViewSpec = { exposures: [['b', 'AAA', -10, 0, 0]] };
    expect(reasonOf('symbol-notional', {}, held, limits)).toBeUndefined();
    expect(reasonOf('symbol-notional', { quantity: quantity(11) }, held, limits)).toBe(
      'exposure in AAA would be 2100.00, at most 2000.00 is allowed',
    );
    const other: ViewSpec = { exposures: [['b', 'BBB', 100, 0, 0]] };
    expect(reasonOf('symbol-notional', {}, other, limits)).toBeUndefined();
  });

  it('counts what is out, under its worst outcome', () => {
    const out: ViewSpec = { exposures: [['a', 'AAA', 0, 15, 5]] };
    expect(reasonOf('symbol-notional', {}, out, limits)).toContain('2500.00');
    const sell = { side: 'sell', quantity: quantity(10) } as const;
    expect(reasonOf('symbol-notional', sell, out, limits)).toBeUndefined();
  });

  it('counts a limit above the mark at its own price', () => {
    const dear = { quantity: quantity(20), limitPriceNanos: parsePrice('101') };
    expect(reasonOf('symbol-notional', dear, {}, limits)).toContain('2020.00');
  });

  it('lets reducing pass and has no cap unless given one', () => {
    const large: Partial<Intent> = { quantity: quantity(1_000) };
    expect(reasonOf('symbol-notional', { ...large, reducing: true }, {}, limits)).toBeUndefined();
    expect(reasonOf('symbol-notional', large)).toBeUndefined();
  });
});

describe('gross-exposure', () => {
  const limits = { maxGrossExposureMicros: parseCash('5000') };
  const held: ViewSpec = {
    exposures: [
      ['a', 'AAA', 10, 0, 0],
      ['b', 'AAA', -10, 0, 0],
      ['b', 'BBB', 0, 0, 20],
    ],
  };
  it('adds up bots and symbols without netting', () => {
    expect(reasonOf('gross-exposure', { quantity: quantity(10) }, held, limits)).toBeUndefined();
    expect(reasonOf('gross-exposure', { quantity: quantity(11) }, held, limits)).toBe(
      'gross exposure would be 5100.00, at most 5000.00 is allowed',
    );
  });

  it('lets reducing pass and has no cap unless given one', () => {
    const large = { quantity: quantity(1_000) };
    expect(reasonOf('gross-exposure', { ...large, reducing: true }, held, limits)).toBeUndefined();
    expect(reasonOf('gross-exposure', large)).toBeUndefined();
  });
});

describe('buying-power', () => {
  it('asks notional and buffer of free cash', () => {
    const exact: ViewSpec = { cashMicros: parseCash('1005') };
    expect(reasonOf('buying-power', {}, exact)).toBeUndefined();
    const took = { ...exact, drifts: foreignCash(-1) };
    expect(reasonOf('buying-power', {}, took)).toContain('1005.00 is needed');
    expect(reasonOf('buying-power', {}, { cashMicros: parseCash('1004.99') })).toBe(
      '1005.00 is needed with a buffer of 50 bps, 1004.99 is free',
    );
  });

  it('keeps what is out free, with its buffer', () => {
    const out: ViewSpec = { cashMicros: parseCash('2010'), exposures: [['b', 'BBB', 0, 10, 0]] };
    expect(reasonOf('buying-power', {}, out)).toBeUndefined();
    expect(reasonOf('buying-power', { quantity: quantity(11) }, out)).toContain('1005.00 is free');
  });

  it('asks the same of a short, beside its own proceeds', () => {
    const short: ViewSpec = { cashMicros: parseCash('2000'), exposures: [['a', 'AAA', -10, 0, 0]] };
    const more = { side: 'sell', quantity: quantity(1) } as const;
    expect(reasonOf('buying-power', more, short)).toBe(
      '100.50 is needed with a buffer of 50 bps, 0.00 is free',
    );
  });

  it('asks of a change across zero only what it adds', () => {
    const full: ViewSpec = { cashMicros: parseCash('10'), exposures: [['a', 'AAA', 10, 0, 0]] };
    const flip = { side: 'sell', quantity: quantity(20) } as const;
    expect(reasonOf('buying-power', flip, full)).toBeUndefined();
    expect(reasonOf('buying-power', { ...flip, quantity: quantity(21) }, full)).toContain('free');
  });

  it('asks the whole notional of a future', () => {
    const future = { symbol: 'FUT', quantity: quantity(2) };
    expect(reasonOf('buying-power', future, { cashMicros: parseCash('10049') })).toContain(
      '10050.00 is needed',
    );
    expect(reasonOf('buying-power', future, { cashMicros: parseCash('10050') })).toBeUndefined();
  });

  it('lets reducing pass', () => {
    const broke: ViewSpec = { cashMicros: parseCash('-5000') };
    expect(reasonOf('buying-power', { reducing: true }, broke)).toBeUndefined();
  });
});
