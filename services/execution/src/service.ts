import {
  cashEventToWire,
  type executionService,
  fillToWire,
  type Implementation,
  int64,
  orderToWire,
  strayToWire,
} from '@capstan/contracts';
import { isTerminal, ORDER_STATES, type OrderState, timeUs } from '@capstan/domain';
import { LIMITS } from './limits.ts';
import { type OrderRequestPorts, OrderRequests } from './order-requests.ts';
import type { SwitchRequests } from './switch-requests.ts';

type Definition = typeof executionService.ExecutionServiceDefinition;

const OPEN_STATES: readonly OrderState[] = ORDER_STATES.filter((state) => !isTerminal(state));

/** Answers questions about orders and fills, and takes cancels and kills. Every replica can. */
export class ExecutionService implements Implementation<Definition> {
  readonly #ports: OrderRequestPorts;
  readonly #switchRequests: SwitchRequests;
  readonly #orderRequests: OrderRequests;

  /** @param switchRequests those of this process. @param accounts all configured accounts. */
  constructor(
    ports: OrderRequestPorts,
    switchRequests: SwitchRequests,
    accounts: readonly string[],
  ) {
    this.#ports = ports;
    this.#switchRequests = switchRequests;
    this.#orderRequests = new OrderRequests(ports, accounts);
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

  async listStrays(
    request: executionService.ListStraysRequest,
  ): Promise<executionService.ListStraysResponse> {
    const strays = await this.#ports.store.strays(filterOf({ ...request, botId: '' }));
    return { strays: strays.map(strayToWire) };
  }

  async listCashEvents(
    request: executionService.ListCashEventsRequest,
  ): Promise<executionService.ListCashEventsResponse> {
    const events = await this.#ports.store.cashEvents(filterOf({ ...request, botId: '' }));
    return { cashEvents: events.map(cashEventToWire) };
  }

  cancelOrder(request: executionService.CancelOrderRequest) {
    return this.#orderRequests.cancelOrder(request);
  }

  cancelOrders(request: executionService.CancelOrdersRequest) {
    return this.#orderRequests.cancelOrders(request);
  }

  flatten(request: executionService.FlattenRequest) {
    return this.#orderRequests.flatten(request);
  }

  replaceOrder(request: executionService.ReplaceOrderRequest) {
    return this.#orderRequests.replaceOrder(request);
  }

  resolveOrder(request: executionService.ResolveOrderRequest) {
    return this.#orderRequests.resolveOrder(request);
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
}

function filterOf(request: { accountId: string; botId: string; limit: number }) {
  const { accountId, botId, limit } = request;
  return {
    ...(accountId === '' ? {} : { accountId }),
    ...(botId === '' ? {} : { botId }),
    limit: Math.min(limit > 0 ? limit : LIMITS.rows, LIMITS.rowsMax),
  };
}
