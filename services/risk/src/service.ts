import {
  denialToWire,
  type Implementation,
  int64,
  intentToWire,
  type riskService,
} from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import type { HistoryQuery, Store } from '@capstan/ports';
import type { RiskLimits } from '@capstan/risk';

type Definition = typeof riskService.RiskServiceDefinition;

/** An account as its service shows it. */
export interface AccountInfo {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: string;
  readonly currency: string;
  readonly limits: RiskLimits;
}

/** Rows of an answer unless told, and at most. */
const ROWS = 100;
const ROWS_MAX = 1_000;

/** Answers questions about accounts, intents, denials and the ledger. */
export class RiskService implements Implementation<Definition> {
  readonly #store: Store;
  readonly #accounts: readonly AccountInfo[];

  constructor(ports: { readonly store: Store }, accounts: readonly AccountInfo[]) {
    this.#store = ports.store;
    this.#accounts = accounts;
  }

  listAccounts(): Promise<riskService.ListAccountsResponse> {
    const accounts = this.#accounts.map(({ limits, ...account }) => ({
      ...account,
      limitsJson: JSON.stringify(limits),
    }));
    return Promise.resolve({ accounts });
  }

  async listDenials(
    request: riskService.ListDenialsRequest,
  ): Promise<riskService.ListDenialsResponse> {
    const denials = await this.#store.denials(queryOf(request));
    return { denials: denials.map(denialToWire) };
  }

  async listIntents(
    request: riskService.ListIntentsRequest,
  ): Promise<riskService.ListIntentsResponse> {
    const intents = await this.#store.intents(queryOf(request));
    return { intents: intents.map(intentToWire) };
  }

  /** @throws RISK_SERVICE.ACCOUNT */
  async getLedger(request: riskService.GetLedgerRequest): Promise<riskService.GetLedgerResponse> {
    this.#check(request.accountId);
    const { positions, cash } = await this.#store.ledger(request.accountId);
    return {
      positions: positions.map((row) => ({
        accountId: row.accountId,
        botId: row.botId,
        symbol: row.symbol,
        quantity: int64.of(row.quantity),
        costMicros: int64.of(row.costMicros),
        realisedMicros: int64.of(row.realisedMicros),
        feesMicros: int64.of(row.feesMicros),
      })),
      cash: cash.map((row) => ({ ...row, cashMicros: int64.of(row.cashMicros) })),
    };
  }

  #check(accountId: string): void {
    if (this.#accounts.some((account) => account.accountId === accountId)) return;
    throw new AppError({
      code: 'RISK_SERVICE.ACCOUNT',
      why: `there is no account '${accountId}'.`,
      fix: `Known: ${this.#accounts.map((account) => account.accountId).join(', ')}.`,
    });
  }
}

function queryOf(request: { accountId: string; botId: string; limit: number }): HistoryQuery {
  const { accountId, botId, limit } = request;
  return {
    ...(accountId === '' ? {} : { accountId }),
    ...(botId === '' ? {} : { botId }),
    limit: Math.min(limit > 0 ? limit : ROWS, ROWS_MAX),
  };
}
