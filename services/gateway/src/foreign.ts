import { cashEventFromWire, snapshotFromWire } from '@capstan/contracts';
import type { ForeignRule } from '@capstan/ports';
import type { Clients } from './clients.ts';
import type { Fields } from './fields.ts';
import { LIMITS } from './limits.ts';

const ASK = { timeoutMs: LIMITS.rpcTimeoutMs } as const;

/** What each rule does with trades that somebody else makes on an account. */
const MEANINGS: Readonly<Record<ForeignRule, string>> = {
  hold: 'kept out of the books: its symbols drift, and nothing is added to them',
  adopt: 'booked: against what it closes of the house and the bots, the rest to the house',
  ignore:
    'kept out of the books and held against nothing; cash that it took is not there to buy by',
};

/** Answers what of the accounts is none of ours, and which cash came or went without a trade. */
export class Foreign {
  readonly #clients: Clients;

  constructor({ clients }: { readonly clients: Clients }) {
    this.#clients = clients;
  }

  /** Tells working orders, positions and cash of somebody else, by account, as the last snapshot of the broker found them. */
  async foreign(query: Fields) {
    const wanted = query.optionalText('account');
    const { accounts } = await this.#clients.risk.listAccounts({}, ASK);
    const asked = accounts
      .map(({ accountId }) => accountId)
      .filter((accountId) => wanted === undefined || accountId === wanted);
    const found = await Promise.all(asked.map((accountId) => this.#of(accountId)));
    return { accounts: found.flat() };
  }

  async #of(accountId: string) {
    const { snapshot: wire } = await this.#clients.position.getSnapshot({ accountId }, ASK);
    const snapshot = wire && snapshotFromWire(wire);
    if (snapshot?.foreign === undefined) return [];
    const { takenAtUs, foreign } = snapshot;
    return [{ accountId, takenAtUs, ...foreign, meaning: MEANINGS[foreign.rule] }];
  }

  /** Tells dividends, interest, transfers and the like, by whose ledger took it; the latest first. */
  async cash(query: Fields) {
    const accountId = query.optionalText('account') ?? '';
    const limit = query.limit(LIMITS.listDefault, LIMITS.listMax);
    const { cashEvents } = await this.#clients.execution.listCashEvents({ accountId, limit }, ASK);
    return { cashEvents: cashEvents.map(cashEventFromWire) };
  }
}
