import { executionService, int64 } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { Bus, Clock, Ids, Store } from '@capstan/ports';
import type { ExecutionErrorCode } from './error-codes.ts';
import { LIMITS } from './limits.ts';

export interface OrderRequestPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What a command answers. */
interface Result {
  readonly commandId: string;
  readonly applied: boolean;
  readonly message: string;
}

interface Asked {
  readonly accountId: string;
  readonly actor: string;
  readonly commandId: string;
}

interface ScopeRequest extends Asked {
  readonly botId: string;
  readonly symbol: string;
}

/** Writes wishes to change orders as commands of their account's owner. Every replica can. */
export class OrderRequests {
  readonly #ports: OrderRequestPorts;
  readonly #accounts: readonly string[];

  /** @param accounts all configured accounts. */
  constructor(ports: OrderRequestPorts, accounts: readonly string[]) {
    this.#ports = ports;
    this.#accounts = accounts;
  }

  /**
   * @idempotent by `commandId`
   * @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT
   */
  cancelOrder(request: executionService.CancelOrderRequest): Promise<Result> {
    const { orderId } = request;
    return this.#ask(request, 'CancelOrder', { orderId });
  }

  /** @idempotent by `commandId` @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT */
  async cancelOrders(request: executionService.CancelOrdersRequest) {
    return { results: await this.#askEach(request, 'CancelOrders') };
  }

  /** @idempotent by `commandId` @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT */
  async flatten(request: executionService.FlattenRequest) {
    return { results: await this.#askEach(request, 'Flatten') };
  }

  /** @idempotent by `commandId` @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT */
  replaceOrder(request: executionService.ReplaceOrderRequest): Promise<Result> {
    const { orderId, quantity, limitPriceNanos, stopPriceNanos } = request;
    return this.#ask(request, 'ReplaceOrder', {
      orderId,
      quantity: optional(quantity),
      limitPriceNanos: optional(limitPriceNanos),
      stopPriceNanos: optional(stopPriceNanos),
    });
  }

  /** @idempotent by `commandId` @throws EXECUTION.ACCOUNT, EXECUTION.RESOLUTION, COMMAND.TIMEOUT */
  resolveOrder(request: executionService.ResolveOrderRequest): Promise<Result> {
    const { orderId, resolution, priceNanos, quantity } = request;
    const { ORDER_RESOLUTION_ABSENT, ORDER_RESOLUTION_FILLED } = executionService.OrderResolution;
    if (resolution !== ORDER_RESOLUTION_ABSENT && resolution !== ORDER_RESOLUTION_FILLED) {
      throw new AppError({
        code: 'EXECUTION.RESOLUTION' satisfies ExecutionErrorCode,
        why: 'it is not said what became of the order.',
        fix: 'Say `filled` with the price, or `absent`.',
      });
    }
    return this.#ask(request, 'ResolveOrder', {
      orderId,
      as: resolution === ORDER_RESOLUTION_FILLED ? 'filled' : 'absent',
      priceNanos: optional(priceNanos),
      quantity: optional(quantity),
    });
  }

  async #askEach(request: ScopeRequest, kind: string): Promise<executionService.AccountResult[]> {
    const { accountId, actor, botId, symbol } = request;
    if (accountId !== '') this.#check(accountId);
    const accounts = accountId === '' ? this.#accounts : [accountId];
    const first = this.#idOf(request);
    const asked = accounts.map(async (account) => {
      const commandId = accounts.length === 1 ? first : `${first}/${account}`;
      const of = { accountId: account, actor, commandId };
      return { accountId: account, result: await this.#ask(of, kind, { botId, symbol }) };
    });
    return await Promise.all(asked);
  }

  async #ask(request: Asked, kind: string, payload: object): Promise<Result> {
    const { accountId, actor } = request;
    this.#check(accountId);
    const command = {
      commandId: this.#idOf(request),
      key: `execution/${accountId}`,
      kind,
      payload: JSON.stringify(payload),
      actor,
      createdAtUs: this.#ports.clock.nowUs(),
      state: 'pending',
    } as const;
    const answered = await runCommand(this.#ports, command, LIMITS.commandTimeoutMs);
    return {
      commandId: answered.commandId,
      applied: answered.state === 'done',
      message: answered.result ?? '',
    };
  }

  #idOf({ commandId }: Asked): string {
    return commandId === '' ? this.#ports.ids.random() : commandId;
  }

  #check(accountId: string): void {
    if (this.#accounts.includes(accountId)) return;
    throw new AppError({
      code: 'EXECUTION.ACCOUNT' satisfies ExecutionErrorCode,
      why: `there is no account '${accountId}'.`,
      fix: `Known: ${this.#accounts.join(', ')}.`,
    });
  }
}

const optional = (value: bigint | undefined): number | undefined =>
  value === undefined ? undefined : int64.number(value);
