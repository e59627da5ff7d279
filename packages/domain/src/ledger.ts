import { type CashEvent, checkCashEvent } from './cash-event.ts';
import type { DomainErrorCode } from './error-codes.ts';
import { AppError, assert } from './errors.ts';
import type { Fill } from './fill.ts';
import { type HistoryEntry, positionOf, standingFills, unknownReference } from './fill-history.ts';
import type { Instrument, InstrumentBook } from './instrument.ts';
import { type LedgerCash, type LedgerRow, positionOfRow, rowOfPosition } from './ledger-row.ts';
import { MAX_LEDGER_AHEAD } from './limits.ts';
import {
  type CashMicros,
  cashMicros,
  type PriceNanos,
  type Quantity,
  quantity,
  ZERO_CASH,
} from './numbers.ts';
import {
  applyFill,
  equityMicros,
  FLAT_POSITION,
  type MarkedPosition,
  type Position,
  positionCashMicros,
} from './position.ts';
import { type Split, splitPosition } from './split.ts';
import { type SplitEvent, splitAmong } from './split-event.ts';

/** What an account's ledger is made of. */
export type LedgerEntry = Fill | CashEvent | SplitEvent;

/** The bot whose ledger holds the account's own cash, and what belongs to no other. */
export const HOUSE = 'house';

/**
 * Supplies all fills, busts, corrections and splits of a bot and symbol up to the restored sequence, in any order; more does no
 * harm. Asked only when a bust, a correction or a late split of it comes: who sees such an entry reads them first.
 */
export type FillsOf = (botId: string, symbol: string) => readonly HistoryEntry[];

/** What a ledger is restored from: the rows and cash of one snapshot and the sequence that they include. */
export interface LedgerSnapshot {
  readonly rows: readonly LedgerRow[];
  readonly cash: readonly LedgerCash[];
  readonly lastSequence: number;
}

interface Holding {
  position: Position;
  readonly instrument: Instrument;
  /** Entries seen by this instance, by accountSequence; all there are, once `complete`. */
  entries: HistoryEntry[];
  complete: boolean;
}

interface BotLedger {
  cashMicros: CashMicros;
  readonly holdings: Map<string, Holding>;
}

const NOTHING: readonly LedgerEntry[] = [];

/** A split has its place between the entry that it follows and the next. */
const BETWEEN = 0.5;

/**
 * The exact ledger of an account: each bot's cash and positions. It takes entries in any order and any number of times,
 * and applies each once, by `accountSequence` from 1 without gaps; what comes early waits. Between entries, for every bot:
 * cash = cash events + Σ `positionCashMicros`.
 */
export class AccountLedger {
  readonly accountId: string;
  readonly #instruments: InstrumentBook;
  readonly #fillsOf: FillsOf;
  readonly #bots = new Map<string, BotLedger>();
  readonly #ahead = new Map<number, LedgerEntry>();
  #lastSequence = 0;
  #restoredSequence = 0;

  constructor(accountId: string, instruments: InstrumentBook, fillsOf: FillsOf = () => []) {
    this.accountId = accountId;
    this.#instruments = instruments;
    this.#fillsOf = fillsOf;
  }

  /** Restores a ledger from a snapshot. Entries that were waiting are not part of one: they are delivered again. */
  static restore(
    accountId: string,
    instruments: InstrumentBook,
    snapshot: LedgerSnapshot,
    fillsOf: FillsOf,
  ): AccountLedger {
    const ledger = new AccountLedger(accountId, instruments, fillsOf);
    ledger.#lastSequence = snapshot.lastSequence;
    ledger.#restoredSequence = snapshot.lastSequence;
    for (const cash of snapshot.cash) {
      assert(cash.accountId === accountId, `cash of ${cash.accountId} in ledger ${accountId}`);
      ledger.#bot(cash.botId).cashMicros = cash.cashMicros;
    }
    for (const row of snapshot.rows) {
      assert(row.accountId === accountId, `row of ${row.accountId} in ledger ${accountId}`);
      const holding = ledger.#holding(row.botId, row.symbol);
      holding.position = positionOfRow(row);
      holding.complete = false;
    }
    return ledger;
  }

  /** The sequence up to which everything is applied; 0 at the start. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** How many entries wait for one before them. Above 0, `lastSequence + 1` is missing. */
  get aheadCount(): number {
    return this.#ahead.size;
  }

  /**
   * Takes an entry.
   * @returns what was applied, in sequence: nothing for a repetition or an early entry, several when a gap closes.
   * @throws LEDGER.REFERENCE, LEDGER.HISTORY for a bust or correction that cannot be carried out, LEDGER.GAP when too
   * many wait. The entry that failed is not applied; what precedes it is.
   * @throws InvariantError when two entries have one sequence, or one is of another account.
   */
  apply(entry: LedgerEntry): readonly LedgerEntry[] {
    const sequence = entry.accountSequence;
    if (entry.accountId !== this.accountId) {
      assert(false, `entry of ${entry.accountId} in ledger ${this.accountId}`);
    }
    if (!(Number.isSafeInteger(sequence) && sequence > 0)) assert(false, `sequence ${sequence}`);
    if (sequence <= this.#lastSequence) return NOTHING;
    if (sequence > this.#lastSequence + 1) {
      this.#wait(entry);
      return NOTHING;
    }
    this.#applyNext(entry);
    if (this.#ahead.size === 0) return [entry];
    const applied = [entry];
    for (;;) {
      const next = this.#ahead.get(this.#lastSequence + 1);
      if (next === undefined) return applied;
      this.#applyNext(next);
      applied.push(next);
    }
  }

  /**
   * Adds cash that has no place in the sequence, such as a bot's opening capital. Not protected against repetition: the caller
   * stores the cash row in the transaction that decides it.
   */
  fund(botId: string, amountMicros: CashMicros): void {
    const bot = this.#bot(botId);
    bot.cashMicros = cashMicros(bot.cashMicros + amountMicros);
  }

  /**
   * Restates what the bots hold of a symbol for a split. Not protected against repetition. Fills before it can no longer be
   * busted or corrected: what they add up to is on the old share count.
   * @returns the cash of what was less than a lot, for each bot that holds the symbol, sorted.
   */
  split(
    symbol: string,
    split: Split,
  ): readonly { readonly botId: string; readonly fractionMicros: CashMicros }[] {
    return this.bots().flatMap((botId) => {
      const holding = this.#bots.get(botId)?.holdings.get(symbol);
      if (holding === undefined || holding.position.quantity === 0) return [];
      const { position, fractionMicros } = splitPosition(
        holding.position,
        split,
        holding.instrument,
      );
      this.#move(botId, holding, position);
      holding.entries = [];
      holding.complete = false;
      return [{ botId, fractionMicros }];
    });
  }

  /** Returns a bot's position; flat where it never traded the symbol. */
  position(botId: string, symbol: string): Position {
    return this.#bots.get(botId)?.holdings.get(symbol)?.position ?? FLAT_POSITION;
  }

  /** Returns a bot's cash; zero for one that is not known. */
  cashMicros(botId: string): CashMicros {
    return this.#bots.get(botId)?.cashMicros ?? ZERO_CASH;
  }

  /** Returns the bots with cash or positions, sorted. */
  bots(): readonly string[] {
    return [...this.#bots.keys()].sort();
  }

  /** Returns the symbols that a bot has traded, sorted. */
  symbols(botId: string): readonly string[] {
    return [...(this.#bots.get(botId)?.holdings.keys() ?? [])].sort();
  }

  /** Visits what the bots hold, flat positions left out, in no order that counts. */
  visitOpen(visit: (botId: string, symbol: string, position: Position) => void): void {
    for (const [botId, { holdings }] of this.#bots) {
      for (const [symbol, { position }] of holdings) {
        if (position.quantity !== 0) visit(botId, symbol, position);
      }
    }
  }

  /** Returns the sum of the bots' quantities of a symbol: what the broker must hold. */
  netQuantity(symbol: string): Quantity {
    let net = 0;
    for (const bot of this.#bots.values()) net += bot.holdings.get(symbol)?.position.quantity ?? 0;
    return quantity(net);
  }

  /** Returns the sum of the bots' cash: what the broker must hold. */
  totalCashMicros(): CashMicros {
    let total = 0;
    for (const bot of this.#bots.values()) total += bot.cashMicros;
    return cashMicros(total);
  }

  /** Returns a bot's equity at marks; `undefined` while an open position has no mark. */
  equityMicros(
    botId: string,
    markOf: (symbol: string) => PriceNanos | undefined,
  ): CashMicros | undefined {
    const marked: MarkedPosition[] = [];
    for (const [symbol, { position, instrument }] of this.#bots.get(botId)?.holdings ?? []) {
      if (position.quantity === 0) continue;
      const markNanos = markOf(symbol);
      if (markNanos === undefined) return undefined;
      marked.push({ position, instrument, markNanos });
    }
    return equityMicros(this.cashMicros(botId), marked);
  }

  /** Returns the stored form of one position. */
  row(botId: string, symbol: string): LedgerRow {
    return rowOfPosition(this.accountId, botId, symbol, this.position(botId, symbol));
  }

  /** Returns the stored form of one bot's cash. */
  cashRow(botId: string): LedgerCash {
    return { accountId: this.accountId, botId, cashMicros: this.cashMicros(botId) };
  }

  /** Returns all that `restore` needs, sorted by bot and symbol. */
  snapshot(): LedgerSnapshot {
    const bots = this.bots();
    return {
      rows: bots.flatMap((botId) => this.symbols(botId).map((symbol) => this.row(botId, symbol))),
      cash: bots.map((botId) => this.cashRow(botId)),
      lastSequence: this.#lastSequence,
    };
  }

  #wait(entry: LedgerEntry): void {
    const waiting = this.#ahead.get(entry.accountSequence);
    if (waiting !== undefined) {
      assert(
        idOf(waiting) === idOf(entry),
        `${idOf(waiting)} and ${idOf(entry)} both have sequence ${entry.accountSequence}`,
      );
      return;
    }
    if (this.#ahead.size >= MAX_LEDGER_AHEAD) throw this.#gap();
    this.#ahead.set(entry.accountSequence, entry);
  }

  #applyNext(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'fill':
        this.#applyFill(entry);
        break;
      case 'bust':
      case 'correction':
        this.#applyWord(entry);
        break;
      case 'split':
        this.#applySplit(entry);
        break;
      default:
        checkCashEvent(entry);
        this.fund(entry.botId, entry.amountMicros);
    }
    this.#lastSequence = entry.accountSequence;
    if (this.#ahead.size > 0) this.#ahead.delete(entry.accountSequence);
  }

  #applyFill(fill: Fill): void {
    const holding = this.#holding(fill.botId, fill.symbol);
    this.#move(fill.botId, holding, applyFill(holding.position, fill, holding.instrument));
    holding.entries.push(fill);
  }

  /** A bust or a correction: the position is computed again from the fills that stand. */
  #applyWord(word: Fill): void {
    const holding = this.#bots.get(word.botId)?.holdings.get(word.symbol);
    if (holding === undefined) throw unknownReference(word);
    if (!holding.complete) this.#complete(word.botId, word.symbol, holding);
    const entries = [...holding.entries, word];
    this.#move(word.botId, holding, positionOf(entries, holding.instrument));
    holding.entries = entries;
  }

  /** Restates what was held when the split took effect; fills after that which came before its word are on the new count. */
  #applySplit(split: SplitEvent): void {
    const { symbol, followsSequence } = split;
    const isLate = followsSequence < this.#lastSequence;
    const place = followsSequence + BETWEEN;
    const before = new Map<string, Position>();
    const moved = new Set<string>();
    for (const botId of this.bots()) {
      const holding = this.#bots.get(botId)?.holdings.get(symbol);
      if (holding === undefined) continue;
      before.set(botId, holding.position);
      if (!isLate || !this.#isMovedAfter(botId, split)) continue;
      if (!holding.complete) this.#complete(botId, symbol, holding);
      before.set(botId, positionOf(holding.entries, holding.instrument, place));
      moved.add(botId);
    }
    const after = splitAmong(before, split, this.#instruments.get(symbol), HOUSE);
    // Who is flat may have been otherwise: a bust of what closed it brings back what it held, on the new count.
    for (const botId of new Set([...before.keys(), ...after.keys()])) {
      const holding = this.#holding(botId, symbol);
      const position = after.get(botId);
      if (position !== undefined) {
        const later = moved.has(botId) ? holding.entries : [];
        const fills = standingFills(later.filter((entry) => entry.kind !== 'split'));
        const next = fills
          .filter(({ accountSequence }) => accountSequence > followsSequence)
          .reduce((held, fill) => applyFill(held, fill, holding.instrument), position);
        this.#move(botId, holding, next);
      }
      holding.entries.push(split);
      // What is left over of the whole follows from all bots together, not from the history of the house alone.
      if (botId === HOUSE && position !== undefined) holding.complete = false;
    }
  }

  /** Tells whether a bot's fills, or words on them, came after the place of a split that is told late. */
  #isMovedAfter(botId: string, { symbol, followsSequence }: SplitEvent): boolean {
    const own = this.#bots.get(botId)?.holdings.get(symbol)?.entries ?? [];
    return [...this.#fillsOf(botId, symbol), ...own].some(
      ({ kind, accountSequence }) => kind !== 'split' && accountSequence > followsSequence,
    );
  }

  #complete(botId: string, symbol: string, holding: Holding): void {
    const earlier = this.#fillsOf(botId, symbol)
      .filter((fill) => fill.accountSequence <= this.#restoredSequence)
      .sort((a, b) => a.accountSequence - b.accountSequence);
    const own = holding.entries.filter((one) => one.accountSequence > this.#restoredSequence);
    const entries = [...earlier, ...own];
    const explained = positionOf(entries, holding.instrument);
    if (!samePosition(explained, holding.position)) {
      throw new AppError({
        code: 'LEDGER.HISTORY' satisfies DomainErrorCode,
        why:
          `account ${this.accountId}, bot ${botId}, ${symbol}: the ${earlier.length} fills supplied ` +
          `add up to ${explained.quantity}, the position is ${holding.position.quantity}.`,
        fix: 'Rebuild the ledger of the account from all of its fills.',
      });
    }
    holding.entries = entries;
    holding.complete = true;
  }

  #move(botId: string, holding: Holding, next: Position): void {
    const before = positionCashMicros(holding.position, holding.instrument);
    const change = positionCashMicros(next, holding.instrument) - before;
    this.fund(botId, cashMicros(change));
    holding.position = next;
  }

  #bot(botId: string): BotLedger {
    const known = this.#bots.get(botId);
    if (known !== undefined) return known;
    const bot = { cashMicros: ZERO_CASH, holdings: new Map<string, Holding>() };
    this.#bots.set(botId, bot);
    return bot;
  }

  #holding(botId: string, symbol: string): Holding {
    const known = this.#bots.get(botId)?.holdings.get(symbol);
    if (known !== undefined) return known;
    const instrument = this.#instruments.get(symbol);
    const holding = { position: FLAT_POSITION, instrument, entries: [], complete: true };
    this.#bot(botId).holdings.set(symbol, holding);
    return holding;
  }

  #gap(): AppError {
    return new AppError({
      code: 'LEDGER.GAP' satisfies DomainErrorCode,
      retry: 'retryable',
      why: `account ${this.accountId}: ${this.#ahead.size} entries wait for ${this.#lastSequence + 1}.`,
      fix: 'Read the missing entries from the journal.',
      details: { accountId: this.accountId, missing: this.#lastSequence + 1 },
    });
  }
}

function idOf(entry: LedgerEntry): string {
  if ('fillId' in entry) return entry.fillId;
  return 'cashEventId' in entry ? entry.cashEventId : entry.activityId;
}

function samePosition(a: Position, b: Position): boolean {
  return (
    a.quantity === b.quantity &&
    a.costMicros === b.costMicros &&
    a.realisedMicros === b.realisedMicros &&
    a.feesMicros === b.feesMicros
  );
}
