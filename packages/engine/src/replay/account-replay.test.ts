import {
  cashMicros,
  type Fill,
  type Order,
  type OrderTerms,
  quantity,
  type Signal,
  timeUs,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import {
  configOf,
  HUNDRED,
  NOON,
  orderOf,
  signalOf,
  sliceOf,
  TEN,
} from '../account-core.fixture.ts';
import { AccountReplay } from './account-replay.ts';

const CASH = cashMicros(1_000_000_000);
const fill = (accountSequence: number, changes: Partial<Fill> = {}): Fill => ({
  ...{ fillId: `f${accountSequence}`, kind: 'fill', orderId: 'order', runId: 'run' },
  ...{ accountId: 'paper', botId: 'a', symbol: 'AAA', side: 'buy', quantity: quantity(2) },
  ...{ priceNanos: 5_000_000_000 as Fill['priceNanos'], feeMicros: cashMicros(0) },
  ...{ eventAtUs: timeUs(NOON + accountSequence), accountSequence, ...changes },
});
const order = (changes: Partial<OrderTerms>): OrderTerms => ({
  ...{ orderId: 'order', intentId: 'intent', runId: 'run', accountId: 'paper', botId: 'a' },
  ...{ symbol: 'AAA', side: 'buy', quantity: quantity(10), type: 'market', timeInForce: 'day' },
  ...{ reducing: false, leg: 0, attempt: 1, decidedAtUs: NOON, expiresAtUs: NOON, ...changes },
});
const decided = (later: number) => ({
  ...{ feed: 'feed', sliceEndUs: timeUs(NOON + later), orders: [], cancelOrderIds: ['x'] },
});

describe('the replay of an account', () => {
  it('carries out a word on a fill of a session that is over by the history that comes with it', () => {
    const first = [fill(1), fill(2, { quantity: quantity(3) })];
    const bust = fill(3, { kind: 'bust', refersTo: 'f1' });
    const begun = () => {
      const one = new AccountReplay(configOf(), CASH);
      one.hearExecution({ entries: first });
      one.decide(decided(10));
      one.forget(timeUs(NOON + 10));
      return one;
    };
    const told = begun();
    told.hearExecution({ entries: [bust], history: first });
    told.decide(decided(20));
    expect(told.core.ledger.position('a', 'AAA').quantity).toBe(3);
    const untold = begun();
    untold.hearExecution({ entries: [bust] });
    expect(() => untold.decide(decided(20))).toThrow('0 fills supplied');
  });

  it('that goes on from what live had out knows which of it rests', () => {
    const at = (minutes: number) => timeUs(NOON + minutes * 60_000_000);
    const wants = (botId: string, minutes: number, changes: Partial<Signal>) =>
      sliceOf(botId, [signalOf(botId, 'AAA', { barEndUs: at(minutes), ...changes })], {
        sliceEndUs: at(minutes),
      });
    const live = (minutes: number, cancelOrderIds: readonly string[] = []) => ({
      ...{ feed: 'demo', sliceEndUs: at(minutes), orders: [], cancelOrderIds },
    });
    const begun = (told: readonly Order[]) => {
      const one = new AccountReplay(configOf({ policies: [] }), CASH);
      for (const botId of ['a', 'b']) one.size(botId, TEN);
      one.hearExecution({ entries: [fill(1)] });
      one.hearExecution({ orders: told });
      one.hearBot(wants('b', 1, {}));
      return one;
    };
    const [sent] = begun([]).decide(live(1));
    const { orderId = '' } = sent ?? {};
    const entry = order({ orderId, botId: 'b', quantity: quantity(3) });
    const exit = order({
      ...{ orderId: 'rests', side: 'sell', type: 'limit', limitPriceNanos: HUNDRED },
      ...{ quantity: quantity(2), reducing: true },
    });
    const one = begun([orderOf(entry, {}), orderOf(exit, {})]);
    expect(one.decide(live(1))).toMatchObject([{ replay: 'cannot be where live is' }]);
    one.hearBot(wants('a', 2, { direction: 'flat' }));
    expect(one.decide(live(2, ['rests']))).toEqual([]);
  });
});
