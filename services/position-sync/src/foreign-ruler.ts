import {
  type CashMicros,
  cashMicros,
  type InstrumentBook,
  quantity,
  type VenueActivity,
  ZERO_CASH,
} from '@capstan/domain';
import type {
  ForeignHoldings,
  ForeignRule,
  LedgerCashRecord,
  LedgerPositionRecord,
  Store,
  VenueAccount,
  VenueOrder,
} from '@capstan/ports';
import { DRIFTED_CASH } from '@capstan/risk';
import { type Difference, differences, isOpened } from './compare.ts';
import { ForeignStake, type StakeState } from './foreign-stake.ts';
import { LIMITS } from './limits.ts';

type Shown = Pick<ForeignHoldings, 'positions' | 'cashMicros'>;

interface Ledger {
  readonly positions: readonly LedgerPositionRecord[];
  readonly cash: readonly LedgerCashRecord[];
}

/** Keeps what is somebody else's by the account's rule: only where that is `ignore`, some of what the broker has is left out. */
export class ForeignRuler {
  readonly #rule: ForeignRule;
  readonly #instruments: InstrumentBook;
  readonly #accountId: string;
  #stake: ForeignStake | undefined;
  #shown: Shown = { positions: [], cashMicros: ZERO_CASH };

  /** @param state as stored; forgotten where the rule is another one now. */
  constructor(
    {
      foreign,
      instruments,
    }: { readonly foreign: ForeignRule; readonly instruments: InstrumentBook },
    accountId: string,
    state: StakeState | undefined,
  ) {
    this.#rule = foreign;
    this.#instruments = instruments;
    this.#accountId = accountId;
    if (foreign === 'ignore' && state !== undefined) {
      this.#stake = new ForeignStake(instruments, state);
    }
  }

  /** Cash that somebody else's trades brought in or took, signed; zero unless they are ignored. */
  get cashMicros(): CashMicros {
    return this.#stake?.cashMicros ?? ZERO_CASH;
  }

  state(): StakeState | undefined {
    return this.#stake?.state();
  }

  /**
   * Takes what others have traded up to the venue's sequence, and then a split that was booked.
   * @throws STORE.UNAVAILABLE
   */
  async follow(store: Store, sequence: number, booked: VenueActivity | undefined): Promise<void> {
    const stake = this.#stake;
    if (stake === undefined) return;
    const isSplit = booked?.kind === 'split';
    if (isSplit) await this.#read(store, stake, booked.afterSequence ?? sequence);
    if (isSplit) stake.split(booked);
    await this.#read(store, stake, sequence);
  }

  async #read(store: Store, stake: ForeignStake, through: number): Promise<void> {
    for (;;) {
      const after = stake.throughSequence;
      const strays = await store.straysAfter(this.#accountId, after, LIMITS.straysMax);
      stake.take(strays.filter(({ sequence }) => sequence <= through));
      if (strays.length < LIMITS.straysMax || stake.throughSequence === after) return;
    }
  }

  /**
   * Compares ledgers and broker by the rule. Where others are ignored, what two looks in a row find beyond ledgers that were never
   * compared is theirs from then on.
   * @param before what the last look found.
   */
  differences(
    ledger: Ledger,
    broker: VenueAccount,
    before: readonly Difference[],
  ): readonly Difference[] {
    const found = differences(ledger.positions, ledger.cash, broker, this.#stake);
    const isOpening = this.#rule === 'ignore' && this.#stake === undefined;
    if (!isOpening || !isOpened(ledger.positions, ledger.cash)) return found;
    if (JSON.stringify(found) !== JSON.stringify(before)) return found;
    this.#stake = ForeignStake.opening(this.#instruments, found, broker);
    return [];
  }

  /** Returns what people are shown. @param found what the ledgers and the broker differ in; absent while nobody can say. */
  shown(orders: readonly VenueOrder[], found: readonly Difference[] | undefined): ForeignHoldings {
    if (found !== undefined) this.#shown = beyond(found);
    const { positions, cashMicros } = this.#stake ?? this.#shown;
    return { rule: this.#rule, orders: orders.map(shownOrder), positions, cashMicros };
  }
}

function beyond(found: readonly Difference[]): Shown {
  const cash = found.find(({ symbol }) => symbol === DRIFTED_CASH);
  return {
    positions: found
      .filter(({ symbol }) => symbol !== DRIFTED_CASH)
      .map(({ symbol, ledger, broker }) => ({ symbol, quantity: quantity(broker - ledger) })),
    cashMicros: cash === undefined ? ZERO_CASH : cashMicros(cash.broker - cash.ledger),
  };
}

const shownOrder = ({
  orderId,
  symbol,
  side,
  filledQuantity,
}: VenueOrder): ForeignHoldings['orders'][number] => ({
  ...{ orderId, symbol, filledQuantity },
  ...(side === undefined ? {} : { side }),
});
