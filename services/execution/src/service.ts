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
import { LIMITS } from './limits.ts';
import type { SwitchRequests } from './switch-requests.ts';

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
  readonly #switchRequests: SwitchRequests;
  readonly #accounts: readonly string[];

  /** @param switchRequests those of this process. @param accounts all configured accounts. */
  constructor(
    ports: ExecutionServicePorts,
    switchRequests: SwitchRequests,
    accounts: readonly string[],
  ) {
    this.#ports = ports;
    this.#switchRequests = switchRequests;
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

  kill(request: executionService.KillRequest): Promise<executionService.KillResponse> {
    return this.#switchRequests.kill(request);
  }

  unkill(request: executionService.UnkillRequest): Promise<executionService.UnkillResponse> {
    return this.#switchRequests.unkill(request);
  }

  getKillSwitch(): Promise<executionService.GetKillSwitchResponse> {
    return this.#switchRequests.getKillSwitch();
  }

  getBreakers(): Promise<executionService.GetBreakersResponse> {
    return this.#switchRequests.getBreakers();
  }

  resetBreaker(
    request: executionService.ResetBreakerRequest,
  ): Promise<executionService.ResetBreakerResponse> {
    return this.#switchRequests.resetBreaker(request);
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

function filterOf(request: { accountId: string; botId: string; limit: number }) {
  const { accountId, botId, limit } = request;
  return {
    ...(accountId === '' ? {} : { accountId }),
    ...(botId === '' ? {} : { botId }),
    limit: Math.min(limit > 0 ? limit : LIMITS.rows, LIMITS.rowsMax),
  };
}
