import { CalendarBook } from '@capstan/calendar';
import { type OrderTerms, parseCash, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type RiskLimits } from './limits.ts';
import { intentOf, NOON } from './risk-view.fixture.ts';
import { type Counted, type Look, RiskTally, type TallyState } from './tally.ts';

const calendar = new CalendarBook().get('XNYS');
const MINUTE = 60_000_000;
const DAY = 1_440 * MINUTE;
const counted = (botId: string, symbol: string, text: string): Counted => ({
  ...{ botId, symbol },
  value: parseCash(text),
});

function look(atUs: number, equity: string, more: Partial<Look> = {}): Look {
  const limits = DEFAULT_LIMITS;
  return {
    ...{ atUs: timeUs(atUs), equityMicros: parseCash(equity), profits: [], limits, calendar },
    ...more,
  };
}

const orderOf = (reducing: boolean, botId = 'a'): OrderTerms =>
  ({ ...intentOf({ reducing, botId }), orderId: 'o' }) as unknown as OrderTerms;

describe('a trade date', () => {
  it('begins with the equity of the last look of the one before', () => {
    const tally = new RiskTally();
    tally.look(look(NOON, '1000'));
    tally.look(look(NOON + MINUTE, '990'));
    expect(tally.startEquityMicros).toBe(parseCash('1000'));
    expect(tally.lossMicros({})).toBe(parseCash('10'));
    tally.look(look(NOON + DAY, '970'));
    expect(tally.startEquityMicros).toBe(parseCash('990'));
    expect(tally.lossMicros({})).toBe(parseCash('20'));
  });

  it('holds its own close, and Monday follows Friday', () => {
    const friday = NOON + 2 * DAY;
    const tally = new RiskTally();
    tally.look(look(friday, '1000'));
    tally.look(look(friday + 240 * MINUTE, '900'));
    expect(tally.lossMicros({})).toBe(parseCash('100'));
    tally.look(look(friday + 3 * DAY, '900'));
    expect(tally.lossMicros({})).toBe(0);
  });

  it('takes cash that comes and goes for neither gain nor loss', () => {
    const tally = new RiskTally();
    tally.look(look(NOON, '1000'));
    tally.noteFlow(parseCash('500'));
    tally.look(look(NOON + MINUTE, '1500'));
    expect(tally.lossMicros({})).toBe(0);
    expect(tally.peakEquityMicros).toBe(parseCash('1500'));
    tally.noteFlow(-parseCash('700'));
    expect(tally.peakEquityMicros).toBe(parseCash('800'));
  });

  it('forgets trades, and settles what the date before brought in', () => {
    const tally = new RiskTally();
    tally.look(look(NOON, '1000'));
    tally.noteOrder(orderOf(false), timeUs(NOON));
    tally.noteOrder(orderOf(false, 'b'), timeUs(NOON));
    tally.noteOrder(orderOf(true), timeUs(NOON));
    tally.noteFill('a', 'AAA', NOON, parseCash('100'));
    tally.noteFill('a', 'AAA', NOON, -parseCash('30'));
    tally.noteFill('a', 'AAA', NOON + DAY, parseCash('5'));
    expect([
      tally.trades({}),
      tally.trades({ botId: 'a' }),
      tally.trades({ symbol: 'BBB' }),
    ]).toEqual([2, 1, 0]);
    expect(tally.unsettledMicros).toBe(parseCash('105'));
    tally.look(look(NOON + DAY, '1000'));
    expect(tally.trades({})).toBe(0);
    expect(tally.unsettledMicros).toBe(parseCash('5'));
  });
});

describe('the loss of a part', () => {
  const limits: RiskLimits = {
    ...DEFAULT_LIMITS,
    maxDailyLossMicros: parseCash('100'),
    maxSymbolDailyLossMicros: parseCash('40'),
    scopes: [{ botId: 'b', maxDailyLossFraction: 0.06 }],
  };
  const at = (minute: number, a: string, b: string, equity = '1000') =>
    look(NOON + minute * MINUTE, equity, {
      profits: [counted('a', 'AAA', a), counted('b', 'BBB', b)],
      limits,
    });

  it('counts from the start of the trade date, by the profits of its bots and symbols', () => {
    const tally = new RiskTally();
    tally.look(at(0, '50', '0'));
    tally.look(at(1, '20', '-10'));
    expect(tally.lossMicros({ botId: 'a' })).toBe(parseCash('30'));
    expect(tally.lossMicros({ symbol: 'BBB' })).toBe(parseCash('10'));
    expect(tally.lossMicros({ botId: 'a', symbol: 'BBB' })).toBe(0);
  });

  it('stops nothing before there is something to lose: an account opens with what it is given then', () => {
    const tally = new RiskTally();
    const shares = { ...limits, maxDailyLossFraction: 0.02 };
    tally.look({ ...at(0, '0', '0', '0'), limits: shares });
    tally.noteFlow(parseCash('1000'));
    tally.look({ ...at(1, '0', '0', '1000'), limits: shares });
    expect([tally.isStopped({}), tally.isStopped({ botId: 'b' })]).toEqual([false, false]);
    expect([tally.startEquityMicros, tally.lossMicros({})]).toEqual([parseCash('1000'), 0]);
    tally.look({ ...at(2, '-20', '0', '980'), limits: shares });
    expect(tally.isStopped({})).toBe(true);
  });

  it('stops what reached its limit until the next trade date, whatever comes after', () => {
    const tally = new RiskTally();
    tally.look(at(0, '0', '0'));
    tally.look(at(1, '-39.99', '-60', '900'));
    const stopped = () => [
      tally.isStopped({}),
      tally.isStopped({ symbol: 'AAA' }),
      tally.isStopped({ symbol: 'BBB' }),
      tally.isStopped({ botId: 'b' }),
    ];
    expect(stopped()).toEqual([true, false, true, true]);
    tally.look(at(2, '100', '100', '1200'));
    expect(stopped()).toEqual([true, false, true, true]);
    tally.look(at(1_440, '100', '100', '1200'));
    expect(stopped()).toEqual([false, false, false, false]);
  });
});

describe('the latest orders', () => {
  it('are kept for as long as a limit asks for them', () => {
    const tally = new RiskTally();
    const limits = { ...DEFAULT_LIMITS, duplicateWindowUs: 2 * MINUTE };
    tally.noteOrder(orderOf(true), timeUs(NOON));
    tally.look(look(NOON + 2 * MINUTE - 1, '1', { limits }));
    expect(tally.ordersAfter(0)).toHaveLength(1);
    tally.look(look(NOON + 2 * MINUTE, '1', { limits }));
    expect(tally.ordersAfter(0)).toHaveLength(0);
  });

  it('tell the last fill of each bot in each symbol', () => {
    const tally = new RiskTally();
    tally.noteFill('a', 'AAA', NOON, 0);
    tally.noteFill('a', 'AAA', NOON - 1, 0);
    expect(tally.lastFillUs('a', 'AAA')).toBe(NOON);
    expect(tally.lastFillUs('a', 'BBB')).toBeUndefined();
  });
});

describe('state', () => {
  it('is all that it knows: restored from JSON it goes on the same', () => {
    const limits = { ...DEFAULT_LIMITS, maxSymbolDailyLossMicros: parseCash('5') };
    const tally = new RiskTally();
    tally.look(look(NOON, '1000', { profits: [counted('a', 'AAA', '0')] }));
    tally.noteOrder(orderOf(false), timeUs(NOON));
    tally.noteFill('a', 'AAA', NOON, parseCash('10'));
    tally.look(look(NOON + MINUTE / 2, '990', { profits: [counted('a', 'AAA', '-10')], limits }));
    const again = new RiskTally(JSON.parse(JSON.stringify(tally.state())));
    expect(again.state()).toEqual(tally.state());
    for (const one of [tally, again]) {
      one.look(look(NOON + MINUTE, '980', { profits: [counted('a', 'AAA', '-20')], limits }));
      one.look(look(NOON + DAY, '970', { limits }));
    }
    expect(again.state()).toEqual(tally.state());
    expect(tally.state().tradeDate).toBe('2024-01-04');
  });
});

describe('the peak of a profit', () => {
  const limits: RiskLimits = {
    ...DEFAULT_LIMITS,
    scopes: [
      { botId: 'a', maxDrawdownFraction: 0.1 },
      { symbol: 'BBB', maxDrawdownFraction: 0.1 },
      { botId: 'b', maxPositions: 1 },
    ],
  };
  const profits = (...texts: [string, string, string]) => [
    counted('a', 'AAA', texts[0]),
    counted('a', 'BBB', texts[1]),
    counted('b', 'BBB', texts[2]),
  ];
  const fall = (tally: RiskTally) =>
    [{ botId: 'a' }, { symbol: 'BBB' }, { botId: 'b' }].map((scope) => tally.fallMicros(scope));

  it('is kept for the scopes whose drawdown is limited, over days and restarts', () => {
    const tally = new RiskTally();
    tally.look(look(NOON, '1000', { limits, profits: profits('5', '-3', '1') }));
    expect(fall(tally)).toEqual([0, 0, undefined]);
    tally.look(look(NOON + DAY, '1000', { limits, profits: profits('9', '1', '1') }));
    tally.look(look(NOON + 2 * DAY, '1000', { limits, profits: profits('3', '0', '0.5') }));
    const again = new RiskTally(JSON.parse(JSON.stringify(tally.state())) as TallyState);
    const both = [parseCash('7'), parseCash('1.5'), undefined];
    expect([fall(tally), fall(again)]).toEqual([both, both]);
  });

  it('begins with the profit of when it is limited, and is forgotten with the limit', () => {
    const tally = new RiskTally();
    tally.look(look(NOON, '1000', { profits: profits('50', '0', '0') }));
    tally.look(look(NOON + MINUTE, '1000', { limits, profits: profits('20', '0', '0') }));
    expect(fall(tally)[0]).toBe(0);
    tally.look(look(NOON + 2 * MINUTE, '1000', { profits: profits('10', '0', '0') }));
    expect(tally.state()).not.toHaveProperty('peakProfits');
  });
});
