import { cashMicros, type Fill, quantity, timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { configOf, NOON } from '../account-core.fixture.ts';
import { AccountReplay } from './account-replay.ts';

const CASH = cashMicros(1_000_000_000);
const fill = (accountSequence: number, changes: Partial<Fill> = {}): Fill => ({
  ...{ fillId: `f${accountSequence}`, kind: 'fill', orderId: 'order', runId: 'run' },
  ...{ accountId: 'paper', botId: 'a', symbol: 'AAA', side: 'buy', quantity: quantity(2) },
  ...{ priceNanos: 5_000_000_000 as Fill['priceNanos'], feeMicros: cashMicros(0) },
  ...{ eventAtUs: timeUs(NOON + accountSequence), accountSequence, ...changes },
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
});
