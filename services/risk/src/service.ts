import {
  denialToWire,
  type Implementation,
  int64,
  intentToWire,
  type riskService,
} from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { Bus, Clock, HistoryQuery, Ids, Kv, Store } from '@capstan/ports';
import { type LimitFields, limitFields, type RiskLimits } from '@capstan/risk';
import { limitsKey } from './limits-book.ts';
import { SET_LIMITS } from './set-limits.ts';
import { SWITCHES } from './switch-watch.ts';

/** How long a command may take. */
const COMMAND_TIMEOUT_MS = 5_000;

type Definition = typeof riskService.RiskServiceDefinition;

/** An account as its service shows it. */
export interface AccountInfo {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: string;
  readonly currency: string;
  readonly limits: RiskLimits;
}

export interface RiskServicePorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** As an account's owner shows them. */
interface ShownLimits {
  readonly limits: LimitFields;
  readonly changed: boolean;
}

/** Rows of an answer unless told, and at most. */
const ROWS = 100;
const ROWS_MAX = 1_000;

/** Answers questions about accounts, intents, denials and the ledger. */
export class RiskService implements Implementation<Definition> {
  readonly #ports: RiskServicePorts;
  readonly #store: Store;
  readonly #accounts: readonly AccountInfo[];

  constructor(ports: RiskServicePorts, accounts: readonly AccountInfo[]) {
    this.#ports = ports;
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

  /** @throws RISK_SERVICE.ACCOUNT, BUS.UNAVAILABLE */
  async getLimits({ accountId }: riskService.GetLimitsRequest) {
    const { limits } = this.#check(accountId);
    const entry = await this.#ports.kv.get(SWITCHES, limitsKey(accountId));
    const said =
      entry === undefined
        ? { limits: limitFields(limits), changed: false }
        : (JSON.parse(new TextDecoder().decode(entry.value)) as ShownLimits);
    return { accountId, limitsJson: JSON.stringify(said.limits), changed: said.changed };
  }

  /**
   * @idempotent by `commandId`
   * @throws RISK_SERVICE.ACCOUNT, COMMAND.TIMEOUT
   */
  async setLimits(request: riskService.SetLimitsRequest): Promise<riskService.SetLimitsResponse> {
    const { accountId, botId, symbol, setJson, actor } = request;
    this.#check(accountId);
    const { clock, ids } = this.#ports;
    const command = {
      commandId: request.commandId === '' ? ids.random() : request.commandId,
      key: `risk/${accountId}`,
      kind: SET_LIMITS,
      payload: JSON.stringify({ botId, symbol, set: parsed(setJson) }),
      actor,
      createdAtUs: clock.nowUs(),
      state: 'pending',
    } as const;
    const answered = await runCommand(this.#ports, command, COMMAND_TIMEOUT_MS);
    return {
      commandId: answered.commandId,
      applied: answered.state === 'done',
      message: answered.result ?? '',
    };
  }

  #check(accountId: string): AccountInfo {
    const found = this.#accounts.find((account) => account.accountId === accountId);
    if (found !== undefined) return found;
    throw new AppError({
      code: 'RISK_SERVICE.ACCOUNT',
      why: `there is no account '${accountId}'.`,
      fix: `Known: ${this.#accounts.map((account) => account.accountId).join(', ')}.`,
    });
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
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
