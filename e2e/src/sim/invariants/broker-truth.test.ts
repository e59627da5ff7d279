import {
  type Exits,
  type OrderTerms,
  priceNanos,
  quantity,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import type { ExchangeInput } from '@capstan/engine';
import { describe, expect, it } from 'vitest';
import { ACCOUNT_ID, drawScenario, FEED, RUN_ID } from '../scenario.ts';
import { BrokerTruth } from './broker-truth.ts';

const OPEN_US = 1_767_623_400_000_000;
const at = (minute: number) => timeUs(OPEN_US + minute * US_PER_MINUTE);

/** A broker that takes all orders and fills them at once. */
const scenario = drawScenario(1, 1, 'operated');
const { matcher } = scenario.behaviour;
const behaviour = {
  matcher: { ...matcher, maxVolumeFraction: 1 },
  ...{ rejectFraction: 0, thinBarFraction: 0 },
};

/** A broker at which a bot first bought ten. */
class World {
  readonly givenUp = new Set<string>();
  readonly sent: OrderTerms[] = [];
  readonly truth = new BrokerTruth(
    { ...scenario, behaviour },
    { has: (orderId) => this.givenUp.has(orderId), sent: () => this.sent },
  );
  #minute = 0;

  constructor(exits?: Exits) {
    this.submit('entry', 'buy', { reducing: false, ...(exits === undefined ? {} : { exits }) });
    this.slice();
  }

  submit(orderId: string, side: OrderTerms['side'], of: Partial<OrderTerms> = {}): void {
    const order = this.terms(orderId, side, of);
    this.#take({ kind: 'submit', order, atUs: at(this.#minute) });
  }

  terms(orderId: string, side: OrderTerms['side'], of: Partial<OrderTerms> = {}): OrderTerms {
    return {
      ...{ orderId, intentId: orderId, runId: RUN_ID, accountId: ACCOUNT_ID, botId: 'fast' },
      ...({ symbol: 'AAA', side, type: 'market', timeInForce: 'day' } as const),
      ...{ quantity: quantity(10), reducing: true, leg: 0, attempt: 1 },
      ...{ decidedAtUs: at(this.#minute), expiresAtUs: at(this.#minute + 1) },
      ...of,
    };
  }

  /** Closes a minute at a price, in dollars. */
  slice(dollars = 100): void {
    const [startUs, endUs] = [at(this.#minute), at(this.#minute + 1)];
    const price = priceNanos(dollars * 1_000_000_000);
    const prices = { openNanos: price, highNanos: price, lowNanos: price, closeNanos: price };
    const bar = {
      ...({ symbol: 'AAA', timeframe: '1m', startUs, endUs, volume: 1_000, revision: 0 } as const),
      ...prices,
    };
    this.#minute += 1;
    this.#take({ kind: 'slice', feed: FEED, endUs, bars: [bar] });
  }

  get held(): number {
    return this.truth.ledger.position('fast', 'AAA').quantity;
  }

  #take(input: ExchangeInput): void {
    this.truth.take([{ kind: 'input', input, slices: {} }]);
  }
}

describe('an order that reduces', () => {
  it('may not fill where nothing is left', () => {
    const world = new World();
    world.submit('first', 'sell');
    world.submit('second', 'sell');
    expect(() => world.slice()).toThrow('second, which reduces, took fast AAA from 0 to -10');
  });

  it('may, where it was given up and came nevertheless', () => {
    const world = new World();
    world.givenUp.add('second');
    world.submit('first', 'sell');
    world.submit('second', 'sell');
    world.slice();
    expect(world.held).toBe(-10);
  });

  it.each([
    ['may, where an exit of the venue closed while it was on its way', ['closing'], -10],
    ['may not, where it was sent after that', [], undefined],
  ])('%s', (_, sent, held) => {
    const world = new World({ stopPriceNanos: priceNanos(99_000_000_000) });
    world.sent.push(...sent.map((orderId) => world.terms(orderId, 'sell')));
    world.slice(98);
    expect(world.held).toBe(0);
    world.submit('closing', 'sell');
    if (held === undefined) expect(() => world.slice()).toThrow('from 0 to -10');
    else {
      world.slice();
      expect(world.held).toBe(held);
    }
  });

  it('may, where one that was given up closed before it, but none that was sent after that', () => {
    const world = new World();
    world.givenUp.add('first');
    world.submit('first', 'sell');
    world.submit('second', 'sell');
    world.slice();
    expect(world.held).toBe(-10);
    world.submit('third', 'sell');
    expect(() => world.slice()).toThrow('third, which reduces, took fast AAA from -10 to -20');
  });
});
