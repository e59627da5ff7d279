import { type CashEvent, type CashMicros, cashMicros, timeUs } from '@capstan/domain';
import { HOUSE } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_ID, CASH, drawScenario } from '../scenario.ts';
import { Absences } from './absences.ts';
import { BrokerTruth } from './broker-truth.ts';
import { ToldCash } from './told-cash.ts';

const MICROS = cashMicros(500);

/** A broker that paid some interest. */
class World {
  readonly truth: BrokerTruth;
  readonly cash: ToldCash;
  readonly activityId: string;

  constructor() {
    const scenario = drawScenario(1, 1, 'operated');
    this.truth = new BrokerTruth(scenario, new Absences({ visibilityMs: 0 }));
    this.cash = new ToldCash(this.truth, { limits: { ...scenario.limits, crossing: 'deny' } });
    const action = { kind: 'interest', accountId: ACCOUNT_ID, amountMicros: MICROS } as const;
    const input = { kind: 'post', actionId: 'post', action, atUs: timeUs(1) } as const;
    this.truth.take([{ kind: 'input', slices: {}, input }]);
    this.cash.hear();
    this.activityId = this.truth.exchange.activities(ACCOUNT_ID)[0]?.activityId ?? '';
  }

  book(botId: string, amountMicros: CashMicros, of: Partial<CashEvent> = {}): void {
    const event: CashEvent = {
      ...{ cashEventId: 'c', kind: 'interest', accountId: ACCOUNT_ID, botId, amountMicros },
      ...{ activityId: this.activityId, eventAtUs: timeUs(1) },
      accountSequence: this.truth.entries.length + 1,
      ...of,
    };
    const fence = { key: 'execution/paper', epochUs: timeUs(1), token: 1 };
    this.cash.check({ fence, cashEvents: [event] });
  }
}

describe('cash that the venue tells of', () => {
  it('is missed until it is booked, and counts then', () => {
    const world = new World();
    expect(world.cash.isComplete).toBe(false);
    world.book(HOUSE, MICROS);
    expect(world.cash.isComplete).toBe(true);
    expect(world.truth.ledger.totalCashMicros()).toBe(CASH + MICROS);
  });

  it('is booked once, whole, as what it is, to those whose it is, and only where it was told', () => {
    const world = new World();
    expect(() => world.book(HOUSE, cashMicros(499))).toThrow('it is 500, not 499');
    expect(() => world.book('fast', MICROS)).toThrow('it is not theirs');
    expect(() => world.book(HOUSE, MICROS, { kind: 'deposit' })).toThrow('it is interest');
    expect(() => world.book(HOUSE, MICROS, { activityId: 'x' })).toThrow('told no such thing');
    world.book(HOUSE, MICROS);
    expect(() => world.book(HOUSE, MICROS)).toThrow('it is booked before');
  });
});
