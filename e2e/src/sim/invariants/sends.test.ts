import { encodeApprovedSlice, leaseKey, subjects } from '@capstan/contracts';
import {
  newOrder,
  type Order,
  type OrderTerms,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import type { Commit, Fence, OutboxMessage } from '@capstan/ports';
import { encodeDrifts, type KillMode } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_ID, drawScenario, FEED, RUN_ID } from '../scenario.ts';
import { Absences } from './absences.ts';
import { Approvals } from './approvals.ts';
import { BrokerTruth } from './broker-truth.ts';
import { Fences } from './fences.ts';
import { type Sender, Sends } from './sends.ts';

const SECOND_US = 1_000_000;
const LIMIT_UNITS = 100;
const fence = (token: number): Fence => ({ key: 'execution/paper', epochUs: timeUs(1), token });
const commitOf = (of: Partial<Commit>): Commit => ({ fence: fence(1), ...of });

const terms = (of: Partial<OrderTerms> = {}): OrderTerms => ({
  ...{ orderId: 'o', intentId: 'i', runId: RUN_ID, accountId: ACCOUNT_ID, botId: 'fast' },
  ...({ symbol: 'AAA', side: 'buy', type: 'market', timeInForce: 'day' } as const),
  ...{ quantity: quantity(10), reducing: false, leg: 0, attempt: 1 },
  ...{ decidedAtUs: timeUs(1), expiresAtUs: timeUs(60 * SECOND_US) },
  ...of,
});

/** What is sent after one order was approved and journaled. */
class World {
  readonly fences = new Fences();
  readonly approvals: Approvals;
  readonly absences = new Absences({ visibilityMs: 2_000 });
  readonly sends: Sends;
  sender: Sender = { fence: fence(2), killMode: 'off' };

  constructor(isEnforced = true) {
    const { absences } = this;
    const truth = new BrokerTruth(drawScenario(1, 1, 'operated'), absences);
    this.approvals = new Approvals(
      () => truth.ledger,
      () => false,
      LIMIT_UNITS,
    );
    const { fences, approvals } = this;
    this.sends = new Sends({ fences, approvals, absences, truth }, isEnforced);
    this.fences.take(fence(2));
    this.approve(terms());
    this.journal(terms());
  }

  approve(order: OrderTerms): void {
    const slice = { runId: RUN_ID, accountId: ACCOUNT_ID, feed: FEED, sliceEndUs: timeUs(1) };
    const data = encodeApprovedSlice({
      ...slice,
      orders: [order],
      cancelOrderIds: [],
      activeBots: 1,
    });
    const message: OutboxMessage = {
      ...{ producer: 'risk/paper', sequence: 1, headers: {}, data },
      subject: subjects.approved(ACCOUNT_ID),
    };
    this.approvals.check(commitOf({ outbox: [message] }));
  }

  journal(order: OrderTerms, state: Order['state'] = 'submitting', atUs = 0, reason = ''): void {
    const orders = [{ ...newOrder(order, timeUs(1)), state, reason }];
    this.sends.take(commitOf({ orders }), undefined, atUs);
  }

  tell(key: string, text: string): void {
    const value = new TextEncoder().encode(text);
    this.sends.takeSwitch('switches', leaseKey(key), value, 0, ACCOUNT_ID);
  }

  send(order = terms(), atUs = 0): void {
    this.sends.check(this.sender, [order], atUs);
  }
}

describe('what is sent', () => {
  it('may be, where it is journaled and approved, and nothing stops it', () => {
    const world = new World();
    world.send();
    world.send();
  });

  it('is not sent twice where the venue takes an id twice', () => {
    const world = new World(false);
    world.send();
    expect(() => world.send()).toThrow('the venue takes an id twice');
  });

  it('is journaled first, not over, and approved for so much; what reduces may be our own', () => {
    const world = new World();
    expect(() => world.send(terms({ orderId: 'p' }))).toThrow('it is not journaled');
    expect(() => world.send(terms({ quantity: quantity(11) }))).toThrow('not approved so much');
    world.journal(terms({ orderId: 'p', reducing: true }));
    world.send(terms({ orderId: 'p', reducing: true }));
    world.journal(terms(), 'cancelled');
    expect(() => world.send()).toThrow('it is cancelled');
  });

  it('comes from who owns the account', () => {
    const world = new World();
    world.fences.take(fence(3));
    expect(() => world.send()).toThrow('does not own the account any more');
    world.sender = { fence: undefined, killMode: 'off' };
    expect(() => world.send()).toThrow('does not own the account any more');
  });

  it.each<[KillMode]>([['soft'], ['hard']])(
    'adds nothing under a %s kill that its process knows',
    (killMode) => {
      const world = new World();
      world.sender = { fence: fence(2), killMode };
      expect(() => world.send()).toThrow(`knows of the ${killMode} kill`);
    },
  );

  it('adds nothing some seconds after a kill or a drift is stored, until it is lifted', () => {
    const world = new World();
    const lateUs = 6 * SECOND_US;
    world.tell('kill/paper', JSON.stringify({ mode: 'soft' }));
    world.send(terms(), SECOND_US);
    expect(() => world.send(terms(), lateUs)).toThrow('the soft kill switch is thrown for 6 s');
    world.tell('kill/paper', JSON.stringify({ mode: 'off' }));
    world.tell('drifts/paper', encodeDrifts([{ symbol: 'AAA', ledger: 1, broker: 2 }]));
    expect(() => world.send(terms(), lateUs)).toThrow('AAA drifts for 6 s');
    world.tell('drifts/paper', encodeDrifts([{ symbol: 'BBB', ledger: 1, broker: 2 }]));
    world.send(terms(), lateUs);
  });

  it('adds nothing under an open breaker, or when its decision has expired', () => {
    const world = new World();
    world.sends.take(commitOf({}), { breakerOpen: true, clockUs: 1 }, 0);
    expect(() => world.send()).toThrow('the breaker is open');
    world.sends.take(commitOf({}), { breakerOpen: false, clockUs: 61 * SECOND_US }, 0);
    expect(() => world.send()).toThrow('its decision has expired');
  });

  it('reduces nothing by an expired decision either', () => {
    const world = new World();
    world.journal(terms({ orderId: 'p', reducing: true }));
    world.sends.take(commitOf({}), { breakerOpen: true, clockUs: 61 * SECOND_US }, 0);
    expect(() => world.send(terms({ orderId: 'p', reducing: true }))).toThrow('has expired');
  });

  it('is held against the clock of who sends it, where it goes by that', () => {
    const world = new World();
    world.sender = { ...world.sender, nowUs: 61 * SECOND_US };
    expect(() => world.send()).toThrow('its decision has expired');
    world.sender = { ...world.sender, nowUs: 60 * SECOND_US };
    world.send();
  });

  it('brings no position beyond the greatest limit that held, with all that is out', () => {
    const world = new World();
    const more = terms({ orderId: 'p', quantity: quantity(91) });
    world.approve(more);
    world.journal(more);
    expect(() => world.send()).toThrow('the position may then be 101');
  });

  it('counts what reduces like what adds, as that may fill first; exits close no more than is held', () => {
    const world = new World();
    const reducing = { orderId: 'p', quantity: quantity(91), reducing: true };
    world.journal(terms({ ...reducing, leg: 1 }));
    world.send();
    world.journal(terms(reducing));
    expect(() => world.send()).toThrow('the position may then be 101');
  });
});

describe('an order that the venue does not have', () => {
  it('is given up only once it would show it, counted from when it was last under way', () => {
    const world = new World();
    world.send(terms(), SECOND_US);
    expect(() => world.journal(terms(), 'rejected', 2 * SECOND_US)).toThrow('is given up 1000 ms');
    world.sends.unanswered([terms()], 3 * SECOND_US);
    world.journal(terms(), 'unknown', 3 * SECOND_US);
    expect(() => world.journal(terms(), 'rejected', 4 * SECOND_US)).toThrow('may still show it');
    expect(world.absences.has('o')).toBe(false);
    world.journal(terms(), 'rejected', 5 * SECOND_US);
    expect(world.absences.has('o')).toBe(true);
  });

  it('may be given up by a person at any time', () => {
    const world = new World();
    world.send(terms(), SECOND_US);
    world.journal(terms(), 'rejected', SECOND_US, 'closed as absent by operator');
    expect(world.absences.has('o')).toBe(true);
  });
});

it('nobody writes after a successor took the key, and nobody before taking it', () => {
  const fences = new Fences();
  expect(() => fences.check({ fence: fence(1) })).toThrow('wrote after');
  fences.take(fence(1));
  fences.check({ fence: fence(1) });
  fences.take(fence(4));
  expect(() => fences.check({ fence: fence(1) })).toThrow(
    'token 1 of execution/paper wrote after token 4',
  );
});

it('risk approves an order once, and none beyond the limit that holds', () => {
  const world = new World();
  expect(() => world.approve(terms())).toThrow('order o is approved twice');
  const order = terms({ orderId: 'p', quantity: quantity(101) });
  const reservation = {
    ...{ orderId: 'p', accountId: ACCOUNT_ID, botId: 'fast', symbol: 'AAA', side: 'buy' as const },
    ...{ openQuantity: quantity(101), priceNanos: priceNanos(1), reducing: false },
  };
  world.approvals.check(commitOf({ reservations: [reservation] }));
  expect(() => world.approve(order)).toThrow('may take fast AAA to 101, and 100 is the limit');
});
