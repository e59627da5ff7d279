import {
  type executionService,
  fillToWire,
  type Implementation,
  int64,
  orderToWire,
} from '@capstan/contracts';
import { AppError, isTerminal, ORDER_STATES, type OrderState, timeUs } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { Bus, Clock, Ids, Store } from '@capstan/ports';
import { KILL_MODES, type KillMode } from '@capstan/risk';
import type { KillSwitches, StandingSwitch } from './kill-switches.ts';
import { LIMITS } from './limits.ts';

type Definition = typeof executionService.ExecutionServiceDefinition;

export interface ExecutionServicePorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
}

const OPEN_STATES: readonly OrderState[] = ORDER_STATES.filter((state) => !isTerminal(state));

/** Answers questions about orders and fills, and takes cancels and kills. Every replica can. */
export class ExecutionService implements Implementation<Definition> {
  readonly #ports: ExecutionServicePorts;
  readonly #switches: KillSwitches;
  readonly #accounts: readonly string[];

  /** @param switches those of this process, shared with its owners. @param accounts all configured accounts. */
  constructor(ports: ExecutionServicePorts, switches: KillSwitches, accounts: readonly string[]) {
    this.#ports = ports;
    this.#switches = switches;
    this.#accounts = accounts;
  }

  async listOrders(
    request: executionService.ListOrdersRequest,
  ): Promise<executionService.ListOrdersResponse> {
    const orders = await this.#ports.store.orders({
      ...filterOf(request),
      ...(request.openOnly ? { states: OPEN_STATES } : {}),
    });
    return { orders: orders.map(orderToWire) };
  }

  async listFills(
    request: executionService.ListFillsRequest,
  ): Promise<executionService.ListFillsResponse> {
    const afterUs = timeUs(int64.number(request.afterUs));
    const fills = await this.#ports.store.fills({
      ...filterOf(request),
      ...(afterUs > 0 ? { afterUs } : {}),
    });
    return { fills: fills.map(fillToWire) };
  }

  /**
   * @idempotent by `commandId`
   * @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT
   */
  async cancelOrder(request: executionService.CancelOrderRequest) {
    const { accountId, orderId, actor } = request;
    this.#check(accountId);
    const { clock, ids } = this.#ports;
    const command = {
      commandId: request.commandId === '' ? ids.random() : request.commandId,
      key: `execution/${accountId}`,
      kind: 'CancelOrder',
      payload: JSON.stringify({ orderId }),
      actor,
      createdAtUs: clock.nowUs(),
      state: 'pending',
    } as const;
    const answered = await runCommand(this.#ports, command, LIMITS.commandTimeoutMs);
    return {
      commandId: answered.commandId,
      applied: answered.state === 'done',
      message: answered.result ?? '',
    };
  }

  /**
   * Throws the kill switch, of one account or of all. It counts in this process at once, everywhere as soon as it is stored.
   * @throws EXECUTION.ACCOUNT, EXECUTION.KILL, BUS.UNAVAILABLE
   */
  async kill(request: executionService.KillRequest): Promise<executionService.KillResponse> {
    const mode = KILL_MODES[request.mode - 1];
    if (mode === undefined || mode === 'off') {
      throw new AppError({
        code: 'EXECUTION.KILL',
        why: 'a kill must be soft or hard.',
        fix: 'Soft stops what adds; hard also cancels and flattens.',
      });
    }
    return { switches: await this.#set(request, mode, request.reason) };
  }

  /** @throws EXECUTION.ACCOUNT, BUS.UNAVAILABLE: the kill then stands. */
  async unkill(request: executionService.UnkillRequest): Promise<executionService.UnkillResponse> {
    return { switches: await this.#set(request, 'off', '') };
  }

  async getKillSwitch(): Promise<executionService.GetKillSwitchResponse> {
    const switches = this.#accounts.map(async (accountId) =>
      switchToWire(accountId, await this.#switches.read(accountId)),
    );
    return { switches: await Promise.all(switches) };
  }

  async #set(
    request: { readonly accountId: string; readonly actor: string },
    mode: KillMode,
    reason: string,
  ): Promise<executionService.KillSwitch[]> {
    const { accountId, actor } = request;
    if (accountId !== '') this.#check(accountId);
    const accounts = accountId === '' ? this.#accounts : [accountId];
    const standing = await Promise.all(
      accounts.map((account) => this.#switches.set(account, { mode, actor, reason })),
    );
    for (const [index, account] of accounts.entries()) {
      await this.#ports.store.addAudit({
        auditId: this.#ports.ids.random(),
        atUs: standing[index]?.sinceUs ?? this.#ports.clock.nowUs(),
        actor,
        action: mode === 'off' ? 'Unkill' : 'Kill',
        subject: account,
        details: JSON.stringify({ mode, reason }),
      });
    }
    return accounts.map((account) => switchToWire(account, this.#switches.get(account)));
  }

  #check(accountId: string): void {
    if (this.#accounts.includes(accountId)) return;
    throw new AppError({
      code: 'EXECUTION.ACCOUNT',
      why: `there is no account '${accountId}'.`,
      fix: `Known: ${this.#accounts.join(', ')}.`,
    });
  }
}

/** The modes stand in the contract's order, after the unspecified. */
const modeToWire = (mode: KillMode): executionService.KillMode =>
  (KILL_MODES.indexOf(mode) + 1) as executionService.KillMode;

function switchToWire(accountId: string, standing: StandingSwitch): executionService.KillSwitch {
  const { mode, actor, reason, sinceUs } = standing;
  return { accountId, mode: modeToWire(mode), actor, reason, sinceUs: int64.of(sinceUs) };
}

function filterOf(request: { accountId: string; botId: string; limit: number }) {
  const { accountId, botId, limit } = request;
  return {
    ...(accountId === '' ? {} : { accountId }),
    ...(botId === '' ? {} : { botId }),
    limit: Math.min(limit > 0 ? limit : LIMITS.rows, LIMITS.rowsMax),
  };
}
