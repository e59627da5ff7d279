import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CashEvent } from './cash-event.ts';
import type { Fill } from './fill.ts';
import { type Instrument, InstrumentBook, notionalMicros, usEquity } from './instrument.ts';
import { AccountLedger, type LedgerEntry } from './ledger.ts';
import { cashMicros, priceNanos, quantity, timeUs } from './numbers.ts';
import { positionCashMicros } from './position.ts';

const milli: Instrument = { ...usEquity('MILLI'), quantityScale: 3 };
const future: Instrument = { ...usEquity('FUT'), assetClass: 'future', multiplier: 50 };
const instruments = new InstrumentBook([usEquity('SPY'), milli, future]);
const BOTS = ['a', 'b'];
const SYMBOLS = ['SPY', 'MILLI', 'FUT'];

const trade = fc.record({
  kind: fc.constant('fill' as const),
  botId: fc.constantFrom(...BOTS),
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  quantity: fc.integer({ min: 1, max: 40 }).map(quantity),
  priceNanos: fc.integer({ min: 1, max: 400_000_000_000 }).map(priceNanos),
  feeMicros: fc.integer({ min: -50, max: 5_000_000 }).map(cashMicros),
});
/** A bust or a correction of one of the fills before it, chosen by `pick`. */
const word = fc.record({
  kind: fc.constantFrom('bust' as const, 'correction' as const),
  pick: fc.nat(),
  quantity: fc.integer({ min: 1, max: 40 }).map(quantity),
  priceNanos: fc.integer({ min: 1, max: 400_000_000_000 }).map(priceNanos),
  feeMicros: fc.integer({ min: 0, max: 5_000_000 }).map(cashMicros),
});
const event = fc.record({
  kind: fc.constantFrom('interest' as const, 'charge' as const),
  botId: fc.constantFrom(...BOTS),
  amountMicros: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map(cashMicros),
});
const step = fc.oneof(
  { weight: 6, arbitrary: trade },
  { weight: 1, arbitrary: word },
  { weight: 1, arbitrary: event },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function sequenced(steps: readonly Step[]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  const fills: Fill[] = [];
  for (const one of steps) {
    const at = entries.length + 1;
    const place = { accountId: 'acc', eventAtUs: timeUs(at), accountSequence: at };
    const ids = { fillId: `f${at}`, orderId: 'o', runId: 'live', ...place };
    if (one.kind === 'fill') {
      const fill = { ...one, ...ids };
      fills.push(fill);
      entries.push(fill);
    } else if ('pick' in one) {
      const { pick, ...changes } = one;
      const target = fills[pick % Math.max(1, fills.length)];
      if (target !== undefined) {
        entries.push({ ...target, ...changes, ...ids, refersTo: target.fillId });
      }
    } else {
      entries.push({ ...one, ...place, cashEventId: `c${at}` } satisfies CashEvent);
    }
  }
  return entries;
}

const steps = fc.array(step, { maxLength: 60 });
const entriesOf = steps.map(sequenced);
const fillsOnly = fc.array(trade, { minLength: 1, maxLength: 40 }).map(sequenced);

function ledgerOf(entries: readonly LedgerEntry[]): AccountLedger {
  const ledger = new AccountLedger('acc', instruments);
  for (const entry of entries) ledger.apply(entry);
  return ledger;
}

/** Gives the remaining entries the sequences 1, 2, … */
function renumbered(entries: readonly LedgerEntry[]): LedgerEntry[] {
  return entries.map((entry, index) => ({ ...entry, accountSequence: index + 1 }));
}

const isFill = (entry: LedgerEntry): entry is Fill => 'fillId' in entry;

/** The last word on each fill that was not busted, by a fold of its own. */
function lastWords(entries: readonly LedgerEntry[]): Fill[] {
  const words = new Map<string, Fill>();
  const busted = new Set<string>();
  for (const entry of entries.filter(isFill)) {
    const target = entry.refersTo ?? entry.fillId;
    if (entry.kind === 'bust') busted.add(target);
    if (!busted.has(target)) words.set(target, entry);
  }
  return [...words].filter(([fillId]) => !busted.has(fillId)).map(([, fill]) => fill);
}

/** Checks one position against the sums of its fills, and returns the cash that they moved. */
function checkPosition(ledger: AccountLedger, fills: readonly Fill[], key: Fill): number {
  const instrument = instruments.get(key.symbol);
  const position = ledger.position(key.botId, key.symbol);
  const sum = { quantity: 0, notional: 0, fees: 0 };
  for (const fill of fills) {
    if (fill.botId !== key.botId || fill.symbol !== key.symbol) continue;
    const sign = fill.side === 'buy' ? 1 : -1;
    sum.quantity += sign * fill.quantity;
    sum.notional += sign * notionalMicros(instrument, fill.priceNanos, fill.quantity);
    sum.fees += fill.feeMicros;
  }
  expect(position.quantity).toBe(sum.quantity);
  expect(position.feesMicros).toBe(sum.fees);
  expect(position.costMicros).toBe(sum.notional + position.realisedMicros);
  if (position.quantity === 0) expect(position.costMicros).toBe(0);
  else expect(Math.sign(position.costMicros) * Math.sign(position.quantity)).not.toBe(-1);
  const variation = instrument.assetClass === 'future';
  const moved = (variation ? position.realisedMicros : 0 - sum.notional) - sum.fees;
  expect(positionCashMicros(position, instrument)).toBe(moved);
  return moved;
}

it('loses no micro: cost is paid plus realised, cash is its events and what fills moved', () => {
  fc.assert(
    fc.property(entriesOf, (entries) => {
      const ledger = ledgerOf(entries);
      const standing = lastWords(entries);
      for (const botId of BOTS) {
        let cash = 0;
        for (const entry of entries) {
          if ('amountMicros' in entry && entry.botId === botId) cash += entry.amountMicros;
        }
        const traded = new Map(
          entries.filter(isFill).flatMap((e) => (e.botId === botId ? [[e.symbol, e]] : [])),
        );
        for (const key of traded.values()) cash += checkPosition(ledger, standing, key);
        expect(ledger.cashMicros(botId)).toBe(cash);
      }
    }),
    { numRuns: 300 },
  );
});

it('gives the same ledger for any repetition, delay and reordering', () => {
  fc.assert(
    fc.property(entriesOf, fc.gen(), (entries, gen) => {
      const all = [...entries, ...gen(fc.subarray, entries)];
      const shuffled = gen(fc.shuffledSubarray, all, { minLength: all.length });
      const ledger = new AccountLedger('acc', instruments);
      const applied = shuffled.flatMap((entry) => ledger.apply(entry));
      expect(ledger.snapshot()).toEqual(ledgerOf(entries).snapshot());
      expect(applied.map((entry) => entry.accountSequence)).toEqual(
        entries.map((entry) => entry.accountSequence),
      );
    }),
    { numRuns: 200 },
  );
});

it('busts a fill as if it had never been', () => {
  fc.assert(
    fc.property(fillsOnly, fc.nat(), (entries, pick) => {
      const fills = entries.filter(isFill);
      const index = pick % fills.length;
      const target = fills[index];
      if (target === undefined) throw new Error('there is at least one fill');
      const ledger = ledgerOf(entries);
      ledger.apply({
        ...target,
        kind: 'bust',
        fillId: 'word',
        refersTo: target.fillId,
        accountSequence: entries.length + 1,
      });
      const without = ledgerOf(renumbered(entries.filter((entry) => entry !== target)));
      for (const botId of BOTS) {
        expect(ledger.cashMicros(botId)).toBe(without.cashMicros(botId));
        for (const symbol of SYMBOLS) {
          expect(ledger.position(botId, symbol)).toEqual(without.position(botId, symbol));
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('goes on from a snapshot taken anywhere as if it had never stopped', () => {
  fc.assert(
    fc.property(entriesOf, fc.nat(60), (entries, at) => {
      const snapshot = ledgerOf(entries.slice(0, at)).snapshot();
      const fills = entries.filter(isFill);
      const again = AccountLedger.restore('acc', instruments, snapshot, (botId, symbol) =>
        fills.filter((fill) => fill.botId === botId && fill.symbol === symbol),
      );
      for (const entry of entries) again.apply(entry);
      expect(again.snapshot()).toEqual(ledgerOf(entries).snapshot());
    }),
    { numRuns: 200 },
  );
});
