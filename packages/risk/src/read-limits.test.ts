import { AppError, cashMicros, parseCash } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { checkLimits } from './check-limits.ts';
import { LIMIT_KEYS } from './limit-keys.ts';
import { limitsFor } from './limit-scope.ts';
import { DEFAULT_LIMITS, POLICY_NAMES, type RiskLimits } from './limits.ts';
import { changeLimits, limitFields, readLimits } from './read-limits.ts';

/** Something for every key that can stand together. */
const EVERYTHING = {
  policies: [...POLICY_NAMES].reverse(),
  bufferBps: 10,
  entryTiming: 'nextOpen',
  maxDecisionAgeSeconds: 1.5,
  maxDrawdownFraction: 0.25,
  closeOnDailyLoss: true,
  flatBy: 'onClose',
  settledCashOnly: true,
  capitalReserve: '2500.5',
  maxClockOffsetSeconds: 5,
  requireBreaker: true,
  crossing: 'allow',
  resize: true,
  calendar: '24x7',
  maxDataAgeSeconds: 90,
  sessionStart: '09:35',
  sessionEnd: '15:30',
  killTime: '15:55',
  flatBeforeCloseMinutes: 3,
  blockedSymbols: ['GME', 'AMC'],
  haltedSymbols: ['TSLA'],
  shortRestrictedSymbols: ['NVDA'],
  longOnly: true,
  maxDailyLossFraction: 0.02,
  maxDailyLoss: '500',
  maxSymbolDailyLoss: '100',
  maxOrderNotional: '1000',
  maxOrderUnits: 50.5,
  priceCollarBps: 200,
  duplicateWindowSeconds: 30,
  cooldownSeconds: 300,
  maxOrdersPerMinute: 20,
  maxTradesPerDay: 12,
  maxPositions: 4,
  maxPositionFraction: 0.2,
  maxPositionNotional: '2000',
  maxPositionUnits: 100,
  maxSymbolNotional: '3000',
  maxGrossExposure: '9000.000001',
  maxNetExposure: '6000',
  scopes: [
    { bot: 'trend', maxPositions: 2, maxDailyLoss: '50' },
    { symbol: 'TSLA', maxSymbolNotional: '700', longOnly: false },
    { bot: 'trend', symbol: 'TSLA', maxTradesPerDay: 1 },
  ],
} as const;

function problemOf(read: () => unknown): AppError {
  try {
    read();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('expected RISK.LIMITS');
}
const problem = (fields: object): readonly [string, string] => {
  const { code, why, fix = '' } = problemOf(() => readLimits(fields as Record<string, unknown>));
  expect(code).toBe('RISK.LIMITS');
  return [why, fix];
};

describe('readLimits', () => {
  it('takes what is left out from the default', () => {
    expect(readLimits({})).toEqual(DEFAULT_LIMITS);
  });

  it('reads every key, and writes it back the same', () => {
    expect(Object.keys(EVERYTHING).sort()).toEqual(
      [...LIMIT_KEYS.map((one) => one.key), 'scopes'].sort(),
    );
    const limits = readLimits(EVERYTHING);
    expect(limits).toMatchObject({
      maxDecisionAgeUs: 1_500_000,
      capitalReserveMicros: parseCash('2500.5'),
      maxGrossExposureMicros: parseCash('9000.000001'),
      scopes: [
        { botId: 'trend', maxPositions: 2, maxDailyLossMicros: parseCash('50') },
        { symbol: 'TSLA', maxSymbolNotionalMicros: parseCash('700'), longOnly: false },
        { botId: 'trend', symbol: 'TSLA', maxTradesPerDay: 1 },
      ],
    });
    expect(limitFields(limits)).toEqual(EVERYTHING);
    expect(readLimits(JSON.parse(JSON.stringify(limitFields(limits))))).toEqual(limits);
  });

  it('reads texts, as a command line gives them', () => {
    const texts = {
      maxPositions: '4',
      longOnly: 'true',
      blockedSymbols: 'GME, AMC',
      cooldownSeconds: '0.5',
      maxDailyLossFraction: '0.02',
    };
    expect(readLimits(texts)).toEqual({
      ...DEFAULT_LIMITS,
      maxPositions: 4,
      longOnly: true,
      blockedSymbols: ['GME', 'AMC'],
      cooldownUs: 500_000,
      maxDailyLossFraction: 0.02,
    });
  });

  it('names the nearest of an unknown key, and the key of a value that cannot be used', () => {
    expect(problem({ maxPosition: 4 })).toEqual([
      "limits: unknown key 'maxPosition'.",
      "Did you mean 'maxPositions'?",
    ]);
    expect(problem({ moon: 'full' })[1]).toContain('Known: policies, ');
    expect(problem({ maxPositions: -1 })).toEqual([
      'limits: maxPositions is -1.',
      'It must be a whole number from 0 to 1000000.',
    ]);
    for (const [key, value] of [
      ['policies', ['moon-phase']],
      ['policies', ['kill-switch', 'kill-switch']],
      ['maxSymbolNotional', '-1'],
      ['maxGrossExposure', '1.0000001'],
      ['maxDailyLossFraction', 0],
      ['maxDailyLossFraction', 1.5],
      ['maxDailyLoss', 0],
      ['bufferBps', 10_001],
      ['bufferBps', 0.5],
      ['entryTiming', 'beforeLunch'],
      ['maxDecisionAgeSeconds', 0],
      ['longOnly', 'perhaps'],
      ['killTime', '25:00'],
      ['flatBeforeCloseMinutes', 0],
      ['blockedSymbols', ['A', 'A']],
      ['calendar', 'XMOON'],
      ['maxPositionFraction', 101],
      ['maxOrderUnits', 'many'],
    ] as const) {
      expect(problem({ [key]: value })[0]).toContain(`${key} is `);
    }
  });

  it('asks of kill, breaker, drift and access in any case, first where a list leaves them out', () => {
    expect(readLimits({ policies: ['positions', 'breaker'] }).policies).toEqual([
      'kill-switch',
      'drift',
      'venue-access',
      'positions',
      'breaker',
    ]);
    const standing = ['kill-switch', 'breaker', 'drift', 'venue-access'];
    expect(readLimits({ policies: [] }).policies).toEqual(standing);
    const stored = limitFields({ ...DEFAULT_LIMITS, policies: ['kill-switch'] });
    expect(readLimits(stored).policies).toContain('drift');
    expect(changeLimits(DEFAULT_LIMITS, { set: { policies: [] } }).policies).toContain('drift');
  });

  it('refuses what contradicts', () => {
    const money = { maxPositionNotional: '300', maxSymbolNotional: '200' };
    expect(problem(money)[0]).toBe(
      'limits: maxPositionNotional is 300.00, above maxSymbolNotional of 200.00: it could never be reached.',
    );
    readLimits({ maxPositionNotional: '200', maxSymbolNotional: '200' });
    const net = { maxNetExposure: 2, maxGrossExposure: 1 };
    expect(problem(net)[0]).toContain('maxNetExposure is 2.00');
    const hours = { sessionStart: '10:00', sessionEnd: '10:00' };
    expect(problem(hours)[0]).toContain('nothing could ever be added');
    expect(problem({ sessionStart: '10:00', killTime: '09:59' })[0]).toContain('killTime 09:59');
    const idle = { closeOnDailyLoss: true, maxSymbolDailyLoss: 5 };
    expect(problem(idle)[0]).toContain("the account's daily loss has no limit");
    readLimits({ closeOnDailyLoss: true, maxDailyLoss: 5 });
    const late = { flatBy: 'onClose', flatBeforeCloseMinutes: 2 };
    expect(problem(late)[0]).toContain('the auction needs longer');
    readLimits({ ...late, flatBeforeCloseMinutes: 3 });
    const unasked = { policies: ['kill-switch'], maxPositions: 1 };
    expect(problem(unasked)[0]).toContain('policies does not list positions');
  });

  it('refuses scopes that are none, twice there, looser than the account or of a key that is only its own', () => {
    const scopes = (...list: object[]) => ({ maxPositions: 3, scopes: list });
    expect(problem({ scopes: 'trend' })[0]).toBe('limits: scopes is no list.');
    expect(problem(scopes({ maxPositions: 1 }))[0]).toContain('names neither a bot nor a symbol');
    const one = { bot: 'a', maxPositions: 1 };
    expect(problem(scopes(one, one))[0]).toBe('limits: scopes has bot a twice.');
    expect(problem(scopes({ bot: 'a', maxPositions: 4 }))[0]).toBe(
      "limits: scopes.0: maxPositions of bot a is above the account's: it could never be reached.",
    );
    expect(problem(scopes({ bot: 'a', maxPositons: 1 }))).toEqual([
      "limits: unknown key 'scopes.0.maxPositons'.",
      "Did you mean 'maxPositions'?",
    ]);
    expect(problem(scopes({ bot: 'a', bufferBps: 1 }))[0]).toContain('the whole account');
    expect(problem(scopes({ bot: '', maxPositions: 1 }))[0]).toContain('not a name');
    expect(problem(scopes({ bot: 'a', maxPositions: 'x' }))[0]).toContain('scopes.0.maxPositions');
  });
});

describe('changeLimits', () => {
  const limits = readLimits({ maxPositions: 3, scopes: [{ bot: 'a', maxTradesPerDay: 5 }] });
  it('changes what is named and nothing else', () => {
    const next = changeLimits(limits, { set: { maxPositions: '2', longOnly: true } });
    expect(next).toEqual({ ...limits, maxPositions: 2, longOnly: true });
    expect(changeLimits(next, { set: { maxPositions: null, longOnly: null } })).toEqual({
      ...DEFAULT_LIMITS,
      scopes: limits.scopes,
    });
  });

  it('opens, changes and closes scopes', () => {
    const symbol = changeLimits(limits, { symbol: 'AAA', set: { longOnly: true } });
    expect(symbol.scopes).toEqual([
      { botId: 'a', maxTradesPerDay: 5 },
      { symbol: 'AAA', longOnly: true },
    ]);
    const more = changeLimits(symbol, { botId: 'a', set: { maxPositions: 1 } });
    expect(more.scopes?.at(-1)).toEqual({ botId: 'a', maxTradesPerDay: 5, maxPositions: 1 });
    const none = changeLimits(limits, { botId: 'a', set: { maxTradesPerDay: null } });
    expect(none.scopes).toBeUndefined();
  });

  it('refuses what the limits as a whole could not be', () => {
    const change = () => changeLimits(limits, { botId: 'a', set: { maxPositions: 4 } }, 'paper');
    expect(problemOf(change).why).toContain('paper: scopes.0: maxPositions of bot a is above');
  });
});

describe('checkLimits', () => {
  it('accepts what can be used, in scopes as well', () => {
    checkLimits(DEFAULT_LIMITS);
    checkLimits({ ...DEFAULT_LIMITS, maxSymbolNotionalMicros: cashMicros(0) });
    const bad: RiskLimits = { ...DEFAULT_LIMITS, scopes: [{ botId: 'a', maxPositions: 0.5 }] };
    expect(problemOf(() => checkLimits(bad)).why).toContain('scopes.0.maxPositions is 0.5');
  });
});

describe('limitsFor', () => {
  it('gives those of every scope that holds the bot in the symbol, with what is only the account’s', () => {
    const limits = readLimits(EVERYTHING);
    const applied = limitsFor(limits, { botId: 'trend', symbol: 'TSLA' });
    expect(applied.map((one) => one.scope)).toEqual([
      {},
      { botId: 'trend' },
      { symbol: 'TSLA' },
      { botId: 'trend', symbol: 'TSLA' },
    ]);
    expect(applied[1]?.limits).toMatchObject({ bufferBps: 10, maxPositions: 2 });
    expect(applied[1]?.limits.maxGrossExposureMicros).toBeUndefined();
    expect(limitsFor(limits, { botId: 'other', symbol: 'AAA' })).toHaveLength(1);
  });
});
