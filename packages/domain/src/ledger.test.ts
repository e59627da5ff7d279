import { describe, expect, it } from 'vitest';
import type { CashEvent } from './cash-event.ts';
import { hasCode, InvariantError } from './errors.ts';
import type { Fill } from './fill.ts';
import { type Instrument, InstrumentBook, usEquity } from './instrument.ts';
import { AccountLedger, type LedgerEntry } from './ledger.ts';
import { MAX_LEDGER_AHEAD } from './limits.ts';
import { parseCash, parsePrice, quantity, timeUs } from './numbers.ts';

const es: Instrument = { ...usEquity('ES'), assetClass: 'future', multiplier: 50 };
const instruments = new InstrumentBook([usEquity('SPY', 'etf'), usEquity('AAPL'), es]);

function fill(sequence: number, signed: number, price: string, more: Partial<Fill> = {}): Fill {
  return {
    fillId: `f${sequence}`,
    kind: 'fill',
    orderId: `o${sequence}`,
    runId: 'live',
    accountId: 'paper',
    botId: 'trend',
    symbol: 'SPY',
    side: signed > 0 ? 'buy' : 'sell',
    quantity: quantity(Math.abs(signed)),
    priceNanos: parsePrice(price),
    feeMicros: parseCash('1'),
    eventAtUs: timeUs(sequence),
    accountSequence: sequence,
    ...more,
  };
}

function cash(sequence: number, amount: string, more: Partial<CashEvent> = {}): CashEvent {
  return {
    cashEventId: `c${sequence}`,
    kind: 'deposit',
    accountId: 'paper',
    botId: 'trend',
    amountMicros: parseCash(amount),
    eventAtUs: timeUs(sequence),
    accountSequence: sequence,
    ...more,
  };
}

const bust = (sequence: number, refersTo: string, more: Partial<Fill> = {}) =>
  fill(sequence, 1, '1', { kind: 'bust', refersTo, ...more });

function ledgerOf(...entries: readonly LedgerEntry[]): AccountLedger {
  const ledger = new AccountLedger('paper', instruments);
  for (const entry of entries) ledger.apply(entry);
  return ledger;
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    const codes = ['LEDGER.REFERENCE', 'LEDGER.HISTORY', 'LEDGER.GAP', 'INSTRUMENT.UNKNOWN'];
    return codes.find((code) => hasCode(error, code));
  }
  return undefined;
}

it('is empty at the start', () => {
  const ledger = ledgerOf();
  expect(ledger.snapshot()).toEqual({ rows: [], cash: [], lastSequence: 0 });
  expect(ledger.position('trend', 'SPY').quantity).toBe(0);
  expect(ledger.cashMicros('trend')).toBe(0);
});

it('moves the notional and the fee of an equity, and only variation and fee of a future', () => {
  const ledger = ledgerOf(
    cash(1, '10000'),
    fill(2, 10, '100'),
    fill(3, 1, '5000', { symbol: 'ES' }),
    fill(4, -1, '5002', { symbol: 'ES' }),
  );
  expect(ledger.cashMicros('trend')).toBe(parseCash('9097'));
  expect(ledger.position('trend', 'ES')).toMatchObject({
    quantity: 0,
    costMicros: 0,
    realisedMicros: parseCash('100'),
  });
});

it('keeps bots apart, and sums them to what the broker holds', () => {
  const ledger = ledgerOf(
    cash(1, '100', { botId: 'house', kind: 'interest' }),
    fill(2, 10, '100'),
    fill(3, -4, '100', { botId: 'revert' }),
  );
  expect(ledger.bots()).toEqual(['house', 'revert', 'trend']);
  expect(ledger.symbols('revert')).toEqual(['SPY']);
  expect(ledger.symbols('house')).toEqual([]);
  expect(ledger.symbols('nobody')).toEqual([]);
  expect(ledger.netQuantity('SPY')).toBe(6);
  expect(ledger.netQuantity('AAPL')).toBe(0);
  expect(ledger.totalCashMicros()).toBe(parseCash('-502'));
});

it('values a bot at marks, or not at all while one is missing', () => {
  const ledger = ledgerOf(
    cash(1, '10000'),
    fill(2, 10, '100'),
    fill(3, 5, '10', { symbol: 'AAPL' }),
    fill(4, -5, '10', { symbol: 'AAPL' }),
  );
  const marks = (symbol: string) => (symbol === 'SPY' ? parsePrice('101') : undefined);
  expect(ledger.equityMicros('trend', marks)).toBe(parseCash('10007'));
  expect(ledger.equityMicros('trend', () => undefined)).toBeUndefined();
  expect(ledger.equityMicros('nobody', marks)).toBe(0);
});

describe('sequence', () => {
  it('applies each entry once and says what it applied', () => {
    const ledger = ledgerOf();
    const [first, second, third] = [cash(1, '5'), fill(2, 1, '1'), cash(3, '7')];
    expect(ledger.apply(third)).toEqual([]);
    expect(ledger.apply(second)).toEqual([]);
    expect(ledger.apply(second)).toEqual([]);
    expect(ledger.aheadCount).toBe(2);
    expect(ledger.lastSequence).toBe(0);
    expect(ledger.apply(first)).toEqual([first, second, third]);
    expect(ledger.apply(second)).toEqual([]);
    expect(ledger.aheadCount).toBe(0);
    expect(ledger.lastSequence).toBe(3);
    expect(ledger.cashMicros('trend')).toBe(parseCash('10'));
  });

  it('stops at a second gap', () => {
    const ledger = ledgerOf(cash(2, '1'), cash(4, '1'), cash(1, '1'));
    expect(ledger.lastSequence).toBe(2);
    expect(ledger.aheadCount).toBe(1);
  });

  it('calls two entries of one sequence, foreign accounts and odd sequences bugs', () => {
    const ledger = ledgerOf(fill(3, 1, '1'));
    expect(() => ledger.apply(cash(3, '1'))).toThrow(InvariantError);
    expect(() => ledger.apply(cash(1, '1', { accountId: 'other' }))).toThrow(InvariantError);
    for (const odd of [0, -1, 1.5]) {
      expect(() => ledger.apply(cash(odd, '1'))).toThrow(InvariantError);
    }
  });

  it('holds back only so many', () => {
    const ledger = ledgerOf();
    const event = cash(1, '1');
    for (let index = 0; index < MAX_LEDGER_AHEAD; index += 1) {
      ledger.apply({ ...event, accountSequence: index + 2 });
    }
    const over = { ...event, accountSequence: MAX_LEDGER_AHEAD + 2 };
    expect(codeOf(() => ledger.apply(over))).toBe('LEDGER.GAP');
    expect(ledger.apply(event)).toHaveLength(MAX_LEDGER_AHEAD + 1);
  });

  it('applies nothing of an entry that fails, and goes on where it stopped', () => {
    const ledger = ledgerOf(cash(1, '1'), fill(3, 1, '1', { symbol: 'NOPE', botId: 'ghost' }));
    expect(codeOf(() => ledger.apply(cash(2, '1')))).toBe('INSTRUMENT.UNKNOWN');
    expect(ledger.lastSequence).toBe(2);
    expect(ledger.bots()).toEqual(['trend']);
    expect(ledger.apply(fill(3, 1, '1'))).toHaveLength(1);
    expect(ledger.aheadCount).toBe(0);
  });
});

describe('busts and corrections', () => {
  it('undoes a busted fill as if it had never been', () => {
    const ledger = ledgerOf(fill(1, 10, '100'), fill(2, 10, '120'), fill(3, -5, '130'));
    ledger.apply(bust(4, 'f2'));
    const without = ledgerOf(fill(1, 10, '100'), fill(2, -5, '130'));
    expect(ledger.snapshot()).toEqual({ ...without.snapshot(), lastSequence: 4 });
  });

  it('replaces quantity, price and fee of a corrected fill in its place', () => {
    const change = { quantity: quantity(8), priceNanos: parsePrice('101') };
    const word = fill(3, 1, '1', { kind: 'correction', refersTo: 'f1', ...change });
    const ledger = ledgerOf(fill(1, 10, '100'), fill(2, -5, '130'), word);
    const anew = ledgerOf(fill(1, 8, '101'), fill(2, -5, '130'));
    expect(ledger.snapshot()).toEqual({ ...anew.snapshot(), lastSequence: 3 });
  });

  it('follows a word on a correction to the fill, and lets a bust be final', () => {
    const word = (sequence: number, refersTo: string, price: string) =>
      fill(sequence, 10, price, { kind: 'correction', refersTo });
    const ledger = ledgerOf(fill(1, 10, '100'), word(2, 'f1', '101'), word(3, 'f2', '102'));
    expect(ledger.position('trend', 'SPY').costMicros).toBe(parseCash('1020'));
    ledger.apply(bust(4, 'f2'));
    expect(ledger.position('trend', 'SPY').quantity).toBe(0);
    ledger.apply(word(5, 'f1', '103'));
    ledger.apply(bust(6, 'f1'));
    expect(ledger.cashMicros('trend')).toBe(0);
  });

  it.each([
    ['names no fill', {}],
    ['names a fill that is not there', { refersTo: 'f9' }],
    ['is of a bot that never traded', { refersTo: 'f1', botId: 'other' }],
  ])('refuses a word that %s', (_, change) => {
    const ledger = ledgerOf(fill(1, 10, '100'));
    const before = ledger.snapshot();
    const run = () => ledger.apply(fill(2, 1, '1', { kind: 'bust', ...change }));
    expect(codeOf(run)).toBe('LEDGER.REFERENCE');
    expect(ledger.snapshot()).toEqual(before);
  });
});

describe('snapshots', () => {
  const entries = [fill(1, 10, '100'), fill(2, -4, '110'), fill(3, 3, '90')];

  it('restores what it wrote, funded cash included', () => {
    const ledger = ledgerOf(...entries);
    ledger.fund('trend', parseCash('5000'));
    const snapshot = ledger.snapshot();
    const again = AccountLedger.restore('paper', instruments, snapshot, () => []);
    expect(again.snapshot()).toEqual(snapshot);
    expect(again.cashRow('trend').cashMicros).toBe(parseCash('4167'));
    again.apply(fill(4, -9, '100'));
    ledger.apply(fill(4, -9, '100'));
    expect(again.snapshot()).toEqual(ledger.snapshot());
  });

  it('asks for the fills of a position once, when a bust of it comes', () => {
    const asked: string[] = [];
    const fills = (botId: string, symbol: string) => {
      asked.push(`${botId} ${symbol}`);
      return [...entries, fill(4, 2, '95')].reverse();
    };
    const ledger = ledgerOf(...entries);
    const again = AccountLedger.restore('paper', instruments, ledger.snapshot(), fills);
    const later = [fill(4, 2, '95'), bust(5, 'f2'), bust(6, 'f4')];
    expect(asked).toEqual([]);
    for (const entry of later) {
      ledger.apply(entry);
      again.apply(entry);
    }
    expect(again.snapshot()).toEqual(ledger.snapshot());
    expect(asked).toEqual(['trend SPY']);
  });

  it('refuses fills that do not add up to the position', () => {
    const snapshot = ledgerOf(...entries).snapshot();
    const again = AccountLedger.restore('paper', instruments, snapshot, () => entries.slice(1));
    expect(codeOf(() => again.apply(bust(4, 'f2')))).toBe('LEDGER.HISTORY');
    expect(again.snapshot()).toEqual(snapshot);
  });

  it('refuses rows and cash of another account', () => {
    const snapshot = ledgerOf(...entries).snapshot();
    const run = (change: object) => () =>
      AccountLedger.restore('other', instruments, { ...snapshot, ...change }, () => []);
    expect(run({ cash: [] })).toThrow(InvariantError);
    expect(run({ rows: [] })).toThrow(InvariantError);
  });
});

it('knows which way deposits and withdrawals go', () => {
  expect(() => ledgerOf(cash(1, '-1'))).toThrow(InvariantError);
  expect(() => ledgerOf(cash(1, '1', { kind: 'withdrawal' }))).toThrow(InvariantError);
  const ledger = ledgerOf(cash(1, '-1', { kind: 'withdrawal' }), cash(2, '-1', { kind: 'charge' }));
  expect(ledger.cashMicros('trend')).toBe(parseCash('-2'));
});
