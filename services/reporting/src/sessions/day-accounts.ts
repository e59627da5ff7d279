import type { SessionAccount } from '@capstan/contracts';
import {
  cashMicros,
  formatDecimal,
  HOUSE,
  type InstrumentBook,
  type TimeUs,
} from '@capstan/domain';
import type { EquityRecord, Store } from '@capstan/ports';
import { WHOLE_ACCOUNT } from '../account-book.ts';
import { equityOf, resultMicros } from '../days.ts';
import { LIMITS } from './limits.ts';
import type { FlatAtClose } from './session-plan.ts';

type Reads = Pick<Store, 'equity' | 'fills' | 'ledger' | 'cashEvents'>;

/** Reads how accounts stand at points of their days. What happened since does not count. */
export class DayAccounts {
  readonly #store: Reads;
  readonly #runId: string;
  readonly #instruments: InstrumentBook;

  constructor(store: Reads, runId: string, instruments: InstrumentBook) {
    this.#store = store;
    this.#runId = runId;
    this.#instruments = instruments;
  }

  /** How an account begins its day. */
  async start(accountId: string, atUs: TimeUs): Promise<SessionAccount> {
    const point = await this.#point(accountId, atUs);
    return { accountId, ...(point === undefined ? {} : { equityMicros: equityOf(point) }) };
  }

  /** What an account's day came to, from the last point before it to its last. */
  async day(accountId: string, fromUs: TimeUs, throughUs: TimeUs): Promise<SessionAccount> {
    const [before, last, fills, cash] = await Promise.all([
      this.#point(accountId, fromUs),
      this.#point(accountId, throughUs),
      this.#store.fills({
        runId: this.#runId,
        accountId,
        afterUs: fromUs,
        throughUs,
        limit: LIMITS.fillsRead,
      }),
      this.#store.cashEvents({ accountId, limit: LIMITS.fillsRead }),
    ]);
    return {
      accountId,
      ...(last === undefined ? {} : { equityMicros: equityOf(last) }),
      ...(last === undefined || before === undefined
        ? {}
        : {
            pnlMicros: cashMicros(resultMicros(before, last, cash)),
            feesMicros: cashMicros(last.feesMicros - before.feesMicros),
          }),
      fills: fills.filter(({ kind }) => kind === 'fill').length,
    };
  }

  /**
   * Returns in words who held something at a time that was to be flat by then: what is held now, without what was filled since.
   * @param symbols of the market whose session ended.
   */
  async heldOver(
    flat: readonly FlatAtClose[],
    symbols: ReadonlySet<string>,
    atUs: TimeUs,
  ): Promise<readonly string[]> {
    const problems = new Set<string>();
    for (const accountId of new Set(flat.map((one) => one.accountId))) {
      const scopes = flat.filter((one) => one.accountId === accountId);
      for (const { botId, symbol, quantity } of await this.#heldAt(accountId, atUs)) {
        const isMeant = scopes.some(
          (one) => (one.botId ?? botId) === botId && (one.symbol ?? symbol) === symbol,
        );
        if (quantity === 0 || botId === HOUSE || !isMeant || !symbols.has(symbol)) continue;
        const amount = formatDecimal(quantity, this.#instruments.get(symbol).quantityScale);
        problems.add(`${botId} (${accountId}) held ${amount} ${symbol} and was to be flat`);
      }
    }
    return [...problems].sort();
  }

  async #heldAt(accountId: string, atUs: TimeUs) {
    const [{ positions }, since] = await Promise.all([
      this.#store.ledger(accountId),
      this.#store.fills({ accountId, afterUs: atUs, limit: LIMITS.fillsRead }),
    ]);
    const held = new Map<string, { botId: string; symbol: string; quantity: number }>();
    const add = (botId: string, symbol: string, quantity: number): void => {
      const key = JSON.stringify([botId, symbol]);
      const before = held.get(key)?.quantity ?? 0;
      held.set(key, { botId, symbol, quantity: before + quantity });
    };
    for (const { botId, symbol, quantity } of positions) add(botId, symbol, quantity);
    for (const { kind, botId, symbol, side, quantity } of since) {
      if (kind === 'fill') add(botId, symbol, side === 'buy' ? -quantity : quantity);
    }
    return [...held.values()];
  }

  /** The last point by a time. */
  async #point(accountId: string, throughUs: TimeUs): Promise<EquityRecord | undefined> {
    const query = { runId: this.#runId, accountId, botId: WHOLE_ACCOUNT, throughUs, limit: 1 };
    return (await this.#store.equity(query))[0];
  }
}
