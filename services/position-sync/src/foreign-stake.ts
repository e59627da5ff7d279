import {
  type CashMicros,
  cashMicros,
  FLAT_POSITION,
  type Instrument,
  type InstrumentBook,
  movesNotionalCash,
  notionalMicros,
  type Quantity,
  quantity,
  splitPosition,
  usEquity,
  type VenueActivity,
  ZERO_CASH,
} from '@capstan/domain';
import type { StrayRecord, VenueAccount } from '@capstan/ports';
import { DRIFTED_CASH } from '@capstan/risk';
import type { Difference } from './compare.ts';
import { LIMITS } from './limits.ts';

/** What an execution of somebody else moved. */
interface Moved {
  readonly executionId: string;
  readonly symbol: string;
  /** Signed. */
  readonly quantity: number;
  readonly cashMicros: number;
}

/** What the stake is restored from; plain data, safe for JSON. */
export interface StakeState {
  /** The venue's sequence that it includes. */
  readonly throughSequence: number;
  readonly positions: Readonly<Record<string, number>>;
  readonly cashMicros: number;
  /** The last executions, for busts and corrections of them. */
  readonly executions: readonly Moved[];
}

/**
 * What of an account is somebody else's, where the rule is to ignore that: what was there beyond the ledgers when they were first
 * compared, and what trades that are not ours have made of it since. All else that differs is a drift as everywhere.
 */
export class ForeignStake {
  readonly #instruments: InstrumentBook;
  readonly #positions: Map<string, number>;
  #throughSequence: number;
  #cash: number;
  #executions: readonly Moved[];

  constructor(instruments: InstrumentBook, state: StakeState) {
    this.#instruments = instruments;
    this.#throughSequence = state.throughSequence;
    this.#positions = new Map(Object.entries(state.positions));
    this.#cash = state.cashMicros;
    this.#executions = state.executions;
  }

  /** Takes all that the broker has beyond the ledgers for somebody else's. */
  static opening(
    instruments: InstrumentBook,
    found: readonly Difference[],
    { sequence }: VenueAccount,
  ): ForeignStake {
    const beyond = found.map(({ symbol, ledger, broker }) => [symbol, broker - ledger] as const);
    const { [DRIFTED_CASH]: cash = 0, ...positions } = Object.fromEntries(beyond);
    return new ForeignStake(instruments, {
      ...{ throughSequence: sequence, positions, cashMicros: cash, executions: [] },
    });
  }

  get throughSequence(): number {
    return this.#throughSequence;
  }

  get cashMicros(): CashMicros {
    return cashMicros(this.#cash);
  }

  /** Sorted by symbol; flat ones left out. */
  get positions(): readonly { readonly symbol: string; readonly quantity: Quantity }[] {
    return [...this.#positions]
      .filter(([, held]) => held !== 0)
      .map(([symbol, held]) => ({ symbol, quantity: quantity(held) }))
      .sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  }

  state(): StakeState {
    return {
      throughSequence: this.#throughSequence,
      positions: Object.fromEntries(this.positions.map((one) => [one.symbol, one.quantity])),
      cashMicros: this.#cash,
      executions: this.#executions,
    };
  }

  /** Takes trades of somebody else: those after what it includes, in the venue's order. */
  take(strays: readonly StrayRecord[]): void {
    for (const stray of strays) {
      this.#throughSequence = stray.sequence;
      if (stray.isForeign) this.#takeOne(stray);
    }
  }

  /** Restates the stake for a split; cash for what is less than a share was paid to the house. */
  split(split: Extract<VenueActivity, { kind: 'split' }>): void {
    const { symbol } = split;
    const held = this.#positions.get(symbol) ?? 0;
    if (held === 0) return;
    const instrument = listed(this.#instruments, symbol);
    const before = { ...FLAT_POSITION, quantity: quantity(held) };
    this.#positions.set(symbol, splitPosition(before, split, instrument).position.quantity);
  }

  #takeOne(stray: StrayRecord): void {
    const { kind, executionId } = stray;
    if (executionId === undefined) return;
    const known = this.#executions.find((one) => one.executionId === executionId);
    if (kind === 'filled') {
      if (known === undefined) this.#take(moved(stray, stray, this.#instruments));
    } else if (known !== undefined && (kind === 'busted' || kind === 'corrected')) {
      this.#move(known, -1);
      this.#executions = this.#executions.filter((one) => one.executionId !== executionId);
      const side = known.quantity > 0 ? 'buy' : 'sell';
      const { symbol } = known;
      if (kind === 'corrected') this.#take(moved(stray, { symbol, side }, this.#instruments));
    }
  }

  #take(by: Moved | undefined): void {
    if (by === undefined) return;
    this.#move(by, 1);
    this.#executions = [...this.#executions, by].slice(-LIMITS.foreignExecutionsMax);
  }

  #move(by: Moved, sign: 1 | -1): void {
    const held = this.#positions.get(by.symbol) ?? 0;
    this.#positions.set(by.symbol, held + sign * by.quantity);
    this.#cash += sign * by.cashMicros;
  }
}

/** What a trade moved; `undefined` where the venue has not said what was traded, which then drifts. */
function moved(
  { executionId, quantity: amount, priceNanos, feeMicros }: StrayRecord,
  { symbol, side }: Pick<StrayRecord, 'symbol' | 'side'>,
  instruments: InstrumentBook,
): Moved | undefined {
  if (executionId === undefined || amount === undefined || priceNanos === undefined)
    return undefined;
  if (symbol === undefined || side === undefined) return undefined;
  const instrument = listed(instruments, symbol);
  const sign = side === 'buy' ? 1 : -1;
  const notional = movesNotionalCash(instrument)
    ? notionalMicros(instrument, priceNanos, amount)
    : ZERO_CASH;
  const cash = -sign * notional - (feeMicros ?? ZERO_CASH);
  return { executionId, symbol, quantity: sign * amount, cashMicros: cash };
}

/** Others may trade what Capstan does not: that counts as shares. */
const listed = (instruments: InstrumentBook, symbol: string): Instrument =>
  instruments.all().find((one) => one.symbol === symbol) ?? usEquity(symbol);
