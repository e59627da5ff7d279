import {
  cashMicros,
  InstrumentBook,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import type { ForeignRule, StrayRecord, VenueAccount, VenueActivity } from '@capstan/ports';
import { MemoryStore } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { ForeignRuler } from './foreign-ruler.ts';
import type { StakeState } from './foreign-stake.ts';

const NOW = timeUs(1_704_301_200_000_000);
const HEAD = { accountId: 'paper', eventAtUs: NOW };

/** A ledger of 10 SPY and 1,000 micros. */
const LEDGER = {
  positions: [
    {
      ...{ accountId: 'paper', botId: 'bot', symbol: 'SPY', quantity: quantity(10) },
      ...{ costMicros: cashMicros(5), realisedMicros: cashMicros(0), feesMicros: cashMicros(0) },
    },
  ],
  cash: [{ accountId: 'paper', botId: 'house', cashMicros: cashMicros(1_000) }],
};

const broker = (cash: number, held: Record<string, number>, sequence = 1): VenueAccount => ({
  ...{ accountId: 'paper', currency: 'USD', cashMicros: cashMicros(cash), sequence },
  positions: Object.entries(held).map(([symbol, amount]) => ({
    ...{ symbol, quantity: quantity(amount), costMicros: cashMicros(0) },
  })),
});

const stray = (sequence: number, of: Partial<StrayRecord>): StrayRecord => ({
  ...{ ...HEAD, sequence, orderId: 'theirs', kind: 'filled', why: 'not ours', isForeign: true },
  ...of,
});
const filled = (sequence: number, side: 'buy' | 'sell', amount: number, symbol = 'SPY') =>
  stray(sequence, {
    ...{ executionId: `E${sequence}`, symbol, side, quantity: quantity(amount) },
    ...{ priceNanos: parsePrice('2'), feeMicros: cashMicros(3) },
  });

class World {
  readonly store = new MemoryStore();
  readonly ruler: ForeignRuler;
  readonly #fence = { key: 'execution/paper', epochUs: NOW, token: 1 };

  constructor(foreign: ForeignRule, state?: StakeState) {
    const instruments = new InstrumentBook([usEquity('SPY')]);
    this.ruler = new ForeignRuler({ foreign, instruments }, 'paper', state);
  }

  async told(...strays: readonly StrayRecord[]): Promise<void> {
    await this.store.takeOwnership(this.#fence);
    await this.store.commit({ fence: this.#fence, strays });
  }

  follow(sequence: number, booked?: VenueActivity): Promise<void> {
    return this.ruler.follow(this.store, sequence, booked);
  }

  /** What two looks in a row find. */
  twice(account: VenueAccount) {
    const first = this.ruler.differences(LEDGER, account, []);
    return this.ruler.differences(LEDGER, account, first);
  }
}

/** A world whose ledgers and broker agreed when they were first compared. */
function agreed(): World {
  const world = new World('ignore');
  expect(world.twice(broker(1_000, { SPY: 10 }))).toEqual([]);
  return world;
}

describe('an account that ignores what is foreign', () => {
  it('takes what is beyond the ledgers at the first two looks for somebody else’s, and all later for a drift', () => {
    const world = new World('ignore');
    const account = broker(5_000, { SPY: 13, DOGE: 4 });
    expect(world.ruler.differences(LEDGER, account, [])).toHaveLength(3);
    expect(world.twice(account)).toEqual([]);
    expect(world.ruler.shown([], [])).toEqual({
      ...{ rule: 'ignore', orders: [], cashMicros: 4_000 },
      positions: [
        { symbol: 'DOGE', quantity: 4 },
        { symbol: 'SPY', quantity: 3 },
      ],
    });
    expect(world.twice(broker(5_000, { SPY: 12, DOGE: 4 }))).toEqual([
      { symbol: 'SPY', ledger: 10, broker: 9 },
    ]);
  });

  it('takes nothing for somebody else’s before risk has opened the ledger', () => {
    const { ruler } = new World('ignore');
    const account = broker(1_000, { SPY: 10 });
    const unopened = { positions: [], cash: [] };
    const first = ruler.differences(unopened, account, []);
    expect(ruler.differences(unopened, account, first)).toHaveLength(2);
    expect(ruler.state()).toBeUndefined();
  });

  it('follows their trades, busts and corrections, in symbols of ours and in others', async () => {
    const world = agreed();
    const bust = stray(5, { kind: 'busted', executionId: 'E4' });
    const correction = stray(6, {
      ...{ kind: 'corrected', executionId: 'E3', quantity: quantity(5) },
      ...{ priceNanos: parsePrice('2'), feeMicros: cashMicros(3) },
    });
    await world.told(filled(2, 'sell', 4), filled(3, 'buy', 6, 'DOGE'), filled(4, 'sell', 1), bust);
    await world.told(correction);
    await world.follow(6);
    const cash = 1_000 + 8_000_000 - 3 - 10_000_000 - 3;
    expect(world.twice(broker(cash, { SPY: 6, DOGE: 5 }, 6))).toEqual([]);
    expect(world.ruler.cashMicros).toBe(cash - 1_000);
  });

  it('takes each trade once, those after the venue’s sequence later, and goes on from its state', async () => {
    const world = agreed();
    await world.told(filled(2, 'buy', 1), filled(9, 'buy', 1));
    await world.follow(2);
    await world.follow(2);
    expect(world.ruler.shown([], []).positions).toEqual([{ symbol: 'SPY', quantity: 1 }]);
    const next = new World('ignore', world.ruler.state());
    await next.told(filled(2, 'buy', 1), filled(9, 'buy', 1));
    await next.follow(9);
    expect(next.ruler.shown([], []).positions).toEqual([{ symbol: 'SPY', quantity: 2 }]);
  });

  it('has a drift where the venue does not say what they traded, as where a fill of ours is lost', async () => {
    const world = agreed();
    const { symbol: _symbol, side: _side, ...unsaid } = filled(2, 'sell', 4);
    await world.told(unsaid);
    await world.follow(2);
    expect(world.twice(broker(1_000, { SPY: 6 }, 2))).toMatchObject([{ symbol: 'SPY' }]);
  });

  it('restates their shares for a split, after the trades before it', async () => {
    const world = agreed();
    await world.told(filled(2, 'buy', 4), filled(3, 'sell', 1));
    await world.follow(3, {
      ...{ ...HEAD, activityId: 'S', kind: 'split', symbol: 'SPY', newShares: 3, oldShares: 1 },
      ...{ closeNanos: parsePrice('2'), fractionMicros: cashMicros(0), afterSequence: 2 },
    });
    expect(world.ruler.shown([], []).positions).toEqual([{ symbol: 'SPY', quantity: 11 }]);
  });
});

it.each(['hold', 'adopt'] as const)(
  'an account that says %s leaves nothing out, shows what differs, and forgets a stake',
  (rule) => {
    const stake = { throughSequence: 1, positions: { SPY: 3 }, cashMicros: 4, executions: [] };
    const { ruler } = new World(rule, stake);
    const found = ruler.differences(LEDGER, broker(900, { SPY: 13 }), []);
    expect(found).toMatchObject([{ symbol: '$cash' }, { symbol: 'SPY', ledger: 10, broker: 13 }]);
    const shown = { rule, positions: [{ symbol: 'SPY', quantity: 3 }], cashMicros: -100 };
    expect(ruler.shown([], found)).toMatchObject(shown);
    expect(ruler.shown([], undefined)).toMatchObject(shown);
    expect(ruler.state()).toBeUndefined();
  },
);
