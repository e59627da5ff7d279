import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dividendShares, holdersAt } from './entitlement.ts';
import type { Fill } from './fill.ts';
import { type HistoryEntry, positionOf } from './fill-history.ts';
import { InstrumentBook, notionalMicros, usEquity } from './instrument.ts';
import { AccountLedger, HOUSE, type LedgerEntry } from './ledger.ts';
import { cashMicros, priceNanos, quantity, timeUs } from './numbers.ts';
import { applyFill, FLAT_POSITION, type Position, positionCashMicros } from './position.ts';
import { splitPosition } from './split.ts';
import type { SplitEvent } from './split-event.ts';

const SPY = usEquity('SPY');
const BOOK = new InstrumentBook([SPY]);
const BOTS = ['a', 'b', HOUSE] as const;

interface Trade {
  readonly kind: 'trade';
  readonly botId: string;
  readonly amount: number;
  readonly cents: number;
}
interface Ratio {
  readonly kind: 'ratio';
  readonly newShares: number;
  readonly oldShares: number;
  readonly cents: number;
}

const cents = fc.integer({ min: 1, max: 100_000 });
const trade = fc.record({
  kind: fc.constant('trade' as const),
  botId: fc.constantFrom(...BOTS),
  amount: fc.integer({ min: -500, max: 500 }).filter((amount) => amount !== 0),
  cents,
});
const part = fc.integer({ min: 1, max: 20 });
const ratio = fc.record({
  kind: fc.constant('ratio' as const),
  newShares: part,
  oldShares: part,
  cents,
});
const story = fc.array(fc.oneof({ weight: 4, arbitrary: trade }, ratio), { maxLength: 25 });

const priceOf = (amount: number) => priceNanos(amount * 10_000_000);

function fillOf({ botId, amount, cents: price }: Trade, accountSequence: number): Fill {
  const [orderId, runId, accountId] = ['o', 'live', 'acc'];
  return {
    ...{ fillId: `f${accountSequence}`, orderId, runId, accountId, botId, symbol: 'SPY' },
    ...{ kind: 'fill', side: amount > 0 ? 'buy' : 'sell', quantity: quantity(Math.abs(amount)) },
    ...{ priceNanos: priceOf(price), feeMicros: cashMicros(7), eventAtUs: timeUs(accountSequence) },
    accountSequence,
  };
}

function splitOf(
  { newShares, oldShares, cents: price }: Ratio,
  accountSequence: number,
  fractionMicros: number,
): SplitEvent {
  return {
    ...{ kind: 'split', activityId: `s${accountSequence}`, accountId: 'acc', symbol: 'SPY' },
    ...{ newShares, oldShares, closeNanos: priceOf(price) },
    ...{ fractionMicros: cashMicros(fractionMicros), eventAtUs: timeUs(accountSequence) },
    ...{ followsSequence: accountSequence - 1, accountSequence },
  };
}

/** Plays a story at a broker, which nets, and returns what it does to a ledger. */
function played(acts: readonly (Trade | Ratio)[]) {
  let net: Position = FLAT_POSITION;
  let cash = 0;
  const move = (to: Position) => {
    cash += positionCashMicros(to, SPY) - positionCashMicros(net, SPY);
    net = to;
  };
  const entries = acts.map((act, index): LedgerEntry => {
    if (act.kind === 'trade') {
      const fill = fillOf(act, index + 1);
      move(applyFill(net, fill, SPY));
      return fill;
    }
    const { newShares, oldShares } = act;
    const split = { newShares, oldShares, closeNanos: priceOf(act.cents) };
    const { position, fractionMicros } = splitPosition(net, split, SPY);
    move(position);
    return splitOf(act, index + 1, fractionMicros);
  });
  return { entries, netQuantity: net.quantity, cash };
}

const ledgerOf = (entries: readonly LedgerEntry[]) => {
  const ledger = new AccountLedger('acc', BOOK);
  for (const entry of entries) ledger.apply(entry);
  return ledger;
};

describe('ledgers through splits', () => {
  it('sum to what a broker that nets them has, in shares and in cash', () => {
    fc.assert(
      fc.property(story, (acts) => {
        const { entries, netQuantity, cash } = played(acts);
        const ledger = ledgerOf(entries);
        expect(ledger.netQuantity('SPY')).toBe(netQuantity);
        expect(ledger.totalCashMicros()).toBe(cash);
      }),
      { numRuns: 500 },
    );
  });

  it('give each bot what it would have alone; the house takes what is left', () => {
    const act = { kind: 'trade', amount: 3, cents: 1_000 } as const;
    const halved = { kind: 'ratio', newShares: 1, oldShares: 2, cents: 1_000 } as const;
    const { entries } = played([{ ...act, botId: 'a' }, { ...act, botId: 'b' }, halved]);
    const ledger = ledgerOf(entries);
    expect(ledger.position('a', 'SPY')).toMatchObject({ quantity: 1, costMicros: 20_000_000 });
    expect(ledger.position('b', 'SPY')).toMatchObject({ quantity: 1, costMicros: 20_000_000 });
    expect(ledger.position(HOUSE, 'SPY')).toMatchObject({ quantity: 1, costMicros: 20_000_000 });
    expect(ledger.cashMicros('a')).toBe(-30_000_007 + 10_000_000);
    expect(ledger.cashMicros(HOUSE)).toBe(-20_000_000);
  });

  it('come to the same where the word of a split comes after fills on the new count', () => {
    const after = fc.array(trade, { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 15 }), ratio, after, (before, act, later) => {
        const { entries } = played([...before, act, ...later]);
        const place = before.length;
        const timely = ledgerOf(entries);
        const told = entries.toSpliced(place, 1).map((entry, index) => {
          const accountSequence = index + 1;
          return { ...entry, accountSequence };
        });
        const word = { ...(entries[place] as SplitEvent), accountSequence: entries.length };
        const late = ledgerOf([...told, word]);
        for (const botId of BOTS) {
          expect(late.position(botId, 'SPY')).toEqual(timely.position(botId, 'SPY'));
          expect(late.cashMicros(botId)).toBe(timely.cashMicros(botId));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('come to the same where two splits of one night are both told late', () => {
    const trade = (amount: number) => ({ kind: 'trade', botId: 'a', amount, cents: 500 }) as const;
    const by = (newShares: number) =>
      ({ kind: 'ratio', newShares, oldShares: 1, cents: 1_200 }) as const;
    const { entries } = played([trade(10), by(2), by(3), trade(-6)]);
    const [bought, first, second, sold] = entries as [Fill, SplitEvent, SplitEvent, Fill];
    const late = ledgerOf([
      bought,
      { ...sold, accountSequence: 2 },
      { ...first, accountSequence: 3 },
      { ...second, followsSequence: 1, accountSequence: 4 },
    ]);
    expect(late.position('a', 'SPY')).toEqual(ledgerOf(entries).position('a', 'SPY'));
    expect(late.position('a', 'SPY').quantity).toBe(10 * 6 - 6);
  });

  it('are restored and go on alike, also where a split comes late or a fill before it is busted', () => {
    const acts: (Trade | Ratio)[] = [
      { kind: 'trade', botId: 'a', amount: 10, cents: 1_000 },
      { kind: 'trade', botId: 'a', amount: 4, cents: 1_200 },
      { kind: 'ratio', newShares: 3, oldShares: 1, cents: 1_200 },
      { kind: 'trade', botId: 'a', amount: -6, cents: 500 },
    ];
    const { entries } = played(acts);
    const [first] = entries as [Fill];
    const bust: Fill = { ...first, fillId: 'b', kind: 'bust', refersTo: 'f1', accountSequence: 5 };
    const through = ledgerOf([...entries, bust]);
    const whole = ledgerOf(entries);
    const history = entries as readonly HistoryEntry[];
    const resumed = AccountLedger.restore('acc', BOOK, whole.snapshot(), () => history);
    resumed.apply(bust);
    expect(resumed.snapshot()).toEqual(through.snapshot());
    expect(through.position('a', 'SPY').quantity).toBe(4 * 3 - 6);
  });

  it('take a late split after a restart also where the house has taken what was left of one before', () => {
    const trade = (botId: string, amount: number) =>
      ({ kind: 'trade', botId, amount, cents: 500 }) as const;
    const by = (newShares: number, oldShares: number) =>
      ({ kind: 'ratio', newShares, oldShares, cents: 1_200 }) as const;
    const acts = [trade('a', 3), trade('b', 3), by(1, 2), by(5, 1), trade('a', -2)];
    const { entries, netQuantity, cash } = played(acts);
    const [split, sold] = entries.slice(3) as [SplitEvent, Fill];
    const told = [...entries.slice(0, 3), { ...sold, accountSequence: 4 }];
    const history = told as readonly HistoryEntry[];
    const resumed = AccountLedger.restore('acc', BOOK, ledgerOf(told).snapshot(), (botId) =>
      history.filter((entry) => entry.kind === 'split' || entry.botId === botId),
    );
    resumed.apply({ ...split, accountSequence: 5 });
    expect(resumed.netQuantity('SPY')).toBe(netQuantity);
    expect(resumed.totalCashMicros()).toBe(cash);
    expect(resumed.snapshot()).toEqual(ledgerOf(entries).snapshot());
  });

  it('give each bot what follows from its own fills where one before or after a split is busted', () => {
    // Of one size, so that bots are often flat as a split comes.
    const alike = trade.map((one) => ({ ...one, amount: one.amount > 0 ? 6 : -6 }));
    const flat = fc.array(fc.oneof({ weight: 2, arbitrary: alike }, ratio), { maxLength: 12 });
    fc.assert(
      fc.property(flat, fc.nat(24), (acts, at) => {
        const { entries } = played(acts);
        const fills = entries.filter((entry): entry is Fill => entry.kind === 'fill');
        const busted = fills[at % Math.max(1, fills.length)];
        fc.pre(busted !== undefined && busted.botId !== HOUSE);
        const accountSequence = entries.length + 1;
        const word = {
          fillId: 'b',
          kind: 'bust',
          refersTo: busted.fillId,
          accountSequence,
        } as const;
        const all = [...entries, { ...busted, ...word }];
        const ledger = ledgerOf(all);
        for (const botId of ['a', 'b']) {
          const own = (all as HistoryEntry[]).filter(
            (entry) => entry.kind === 'split' || entry.botId === botId,
          );
          expect(ledger.position(botId, 'SPY')).toEqual(positionOf(own, SPY));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('busts what the house bought after a restart, before a split and after it', () => {
    const buy = (amount: number) =>
      ({ kind: 'trade', botId: HOUSE, amount, cents: 1_000 }) as const;
    const { entries } = played([buy(10), buy(4)]);
    const [first, second] = entries as [Fill, Fill];
    const history = entries as readonly HistoryEntry[];
    const ledger = AccountLedger.restore('acc', BOOK, ledgerOf(entries).snapshot(), () => history);
    const bust = (of: Fill, accountSequence: number): Fill => ({
      ...of,
      ...{ fillId: `b${accountSequence}`, kind: 'bust', refersTo: of.fillId, accountSequence },
    });
    ledger.apply(bust(first, 3));
    const doubled = { kind: 'ratio', newShares: 2, oldShares: 1, cents: 1_000 } as const;
    ledger.apply(splitOf(doubled, 4, 0));
    expect(ledger.position(HOUSE, 'SPY').quantity).toBe(8);
    ledger.apply(bust(second, 5));
    expect(ledger.position(HOUSE, 'SPY').quantity).toBe(0);
  });
});

describe('dividends', () => {
  it('are credited to who was long and debited to who was short; their sum is what the venue paid', () => {
    const perUnit = fc.integer({ min: 1, max: 5_000_000_000 }).map(priceNanos);
    fc.assert(
      fc.property(story, perUnit, fc.nat(30), fc.boolean(), (acts, perUnitNanos, at, isSaid) => {
        const { entries } = played(acts);
        const through = Math.min(at, entries.length);
        const history = entries as readonly HistoryEntry[];
        const held = holdersAt(history, SPY, through);
        const then = ledgerOf(entries.slice(0, through));
        const hasSplit = acts.slice(0, through).some(({ kind }) => kind === 'ratio');
        for (const botId of ['a', 'b']) {
          expect(held.get(botId) ?? 0).toBe(then.position(botId, 'SPY').quantity);
        }
        if (!hasSplit) expect(held.get(HOUSE) ?? 0).toBe(then.position(HOUSE, 'SPY').quantity);
        const amountMicros = notionalMicros(SPY, perUnitNanos, then.netQuantity('SPY'));
        const paid = { amountMicros, ...(isSaid ? { perUnitNanos } : {}) };
        const shares = dividendShares(held, paid, SPY, HOUSE);
        const sum = [...shares.values()].reduce((total, amount) => total + amount, 0);
        expect(sum).toBe(amountMicros);
        if (!isSaid) return;
        for (const botId of ['a', 'b']) {
          const own = notionalMicros(SPY, perUnitNanos, held.get(botId) ?? quantity(0));
          expect(shares.get(botId) ?? 0).toBe(own);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('on shares that nobody here holds are the house’s', () => {
    const paid = { amountMicros: cashMicros(5_000_000) };
    expect([...dividendShares(new Map(), paid, SPY, HOUSE)]).toEqual([[HOUSE, 5_000_000]]);
    const short = dividendShares(
      new Map([['a', quantity(-3)]]),
      { amountMicros: cashMicros(-9) },
      SPY,
      HOUSE,
    );
    expect([...short]).toEqual([['a', -9]]);
  });
});

it('a position through a split is that of its fills restated', () => {
  const { entries } = played([
    { kind: 'trade', botId: 'a', amount: 10, cents: 1_000 },
    { kind: 'ratio', newShares: 2, oldShares: 1, cents: 1_000 },
    { kind: 'trade', botId: 'a', amount: -5, cents: 600 },
  ]);
  const history = entries as readonly HistoryEntry[];
  expect(positionOf(history, SPY, 1).quantity).toBe(10);
  expect(positionOf(history, SPY, 2).quantity).toBe(20);
  expect(positionOf(history, SPY).quantity).toBe(15);
});
