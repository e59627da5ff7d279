import {
  cashMicros,
  deriveId,
  type PostedAction,
  priceNanos,
  quantity,
  timeUs,
} from '@capstan/domain';
import type { SimWorld } from '@capstan/testkit/sim';
import type { Amendments } from './amended-venue.ts';
import type { BrokerTruth } from './invariants/broker-truth.ts';
import type { BrokersKind } from './operations.ts';
import { ACCOUNT_ID, type Scenario, SYMBOLS } from './scenario.ts';

/** The exchange of a world as its broker sees it, while it is there. */
export interface ExchangeDesk {
  exchange?: { post(actionId: string, action: PostedAction): Promise<unknown> };
}

/** What a broker does beside its exchange. */
export class BrokerOffice {
  readonly #world: SimWorld;
  readonly #truth: BrokerTruth;
  readonly #amendments: Amendments;
  readonly #desk: ExchangeDesk;
  readonly #keepsExits: boolean;
  readonly #tellsCash: boolean;
  #posts = 0;

  constructor(
    world: SimWorld,
    parts: {
      readonly truth: BrokerTruth;
      readonly amendments: Amendments;
      readonly desk: ExchangeDesk;
    },
    { capabilities }: Scenario,
  ) {
    this.#world = world;
    this.#truth = parts.truth;
    this.#amendments = parts.amendments;
    this.#desk = parts.desk;
    this.#keepsExits = capabilities.exits.length > 0;
    this.#tellsCash = capabilities.activities === 'all';
  }

  do(kind: BrokersKind): void {
    if (kind === 'split') this.#split();
    else if (kind === 'foreign') this.#tradeForeign();
    else if (kind === 'cash' || kind === 'dividend') this.#post(kind);
    else this.#amend(kind);
  }

  /** Cash comes or goes without a trade, at the exchange itself, which tells of it. */
  #post(kind: 'cash' | 'dividend'): void {
    if (!this.#tellsCash) return;
    const { random } = this.#world;
    const action: PostedAction =
      kind === 'cash'
        ? {
            kind: 'interest',
            accountId: ACCOUNT_ID,
            amountMicros: cashMicros(random.integer(-9_999_999, 99_999_999)),
          }
        : {
            kind,
            symbol: random.pick(SYMBOLS),
            perUnitNanos: priceNanos(random.integer(1, 5_000_000_000)),
          };
    this.#posts += 1;
    this.#world.note(`the broker posts ${JSON.stringify(action)}`);
    // Where the exchange is away it does not happen.
    this.#desk.exchange?.post(`post-${this.#posts}`, action).catch(() => undefined);
  }

  /** Exits that the exchange keeps would go on for what is not held any more: there a broker says nothing more of a fill. */
  #amend(kind: 'bust' | 'correct'): void {
    const executions = this.#keepsExits ? [] : this.#truth.amendable();
    if (executions.length === 0) return;
    const execution = this.#world.random.pick(executions);
    const { orderId, executionId, feeMicros } = execution;
    const eventAtUs = timeUs(execution.eventAtUs + 1);
    const head = { accountId: ACCOUNT_ID, orderId, executionId, eventAtUs };
    const cheaper = priceNanos(execution.priceNanos - 10_000_000);
    const fewer = quantity(Math.max(1, execution.quantity - 1));
    const figures = { priceNanos: cheaper, quantity: fewer, feeMicros };
    this.#amendments.add(this.#truth.sequence, (sequence) => {
      const event =
        kind === 'bust'
          ? ({ ...head, sequence, kind: 'busted' } as const)
          : ({ ...head, sequence, kind: 'corrected', ...figures } as const);
      const { symbol } = this.#truth.terms(orderId);
      this.#amendments.adjust({ symbol, ...this.#truth.amend(event), isTold: true });
      return event;
    });
    this.#world.note(`the broker's ${kind} of ${executionId}`);
  }

  /** What is held of a symbol is twice as much from now on, and no event says so. */
  #split(): void {
    const symbol = this.#world.random.pick(SYMBOLS);
    const held = this.#truth.ledger.netQuantity(symbol);
    if (held === 0) return;
    this.#amendments.adjust({ symbol, quantity: held, cashMicros: 0, isTold: false });
    this.#world.note(`the broker splits ${symbol}, of which ${held} are held`);
  }

  /** Somebody trades on the account at the broker's own desk. */
  #tradeForeign(): void {
    const symbol = this.#world.random.pick(SYMBOLS);
    const amount = this.#world.random.integer(1, 50);
    this.#amendments.add(this.#truth.sequence, (sequence) => ({
      ...{
        sequence,
        accountId: ACCOUNT_ID,
        orderId: deriveId('foreign', sequence),
        kind: 'filled',
      },
      executionId: deriveId('foreign-execution', sequence),
      ...{ eventAtUs: timeUs(0), quantity: quantity(amount) },
      ...{ priceNanos: priceNanos(1_000_000_000), feeMicros: cashMicros(0) },
    }));
    this.#amendments.adjust({
      symbol,
      quantity: amount,
      cashMicros: -amount * 1_000_000,
      isTold: false,
    });
    this.#world.note(`somebody else bought ${amount} of ${symbol}`);
  }
}
