import {
  activityToWire,
  type CallContext,
  type Implementation,
  int64,
  type paperExchangeService,
  postedActionFromWire,
  revisionFromWire,
  submitAnswerToWire,
  termsFromWire,
  venueOrderToWire,
  venueUpdatesToWire,
} from '@capstan/contracts';
import type { PostedAction } from '@capstan/domain';
import type { BrokerVenue, CancelAnswer, VenueConditions } from '@capstan/ports';

type Definition = typeof paperExchangeService.PaperExchangeServiceDefinition;

/** The exchange as its clients see it, and as one that can be told what happens to its shares. */
export interface ServedExchange extends BrokerVenue {
  post(actionId: string, action: PostedAction): Promise<CancelAnswer>;
  conditions(): Promise<VenueConditions>;
}

/** Serves the exchange to its clients. */
export class PaperExchangeRpc implements Implementation<Definition> {
  readonly #exchange: ServedExchange;

  constructor(exchange: ServedExchange) {
    this.#exchange = exchange;
  }

  /** @idempotent by the order's id */
  async submitOrder(
    request: paperExchangeService.SubmitOrderRequest,
    { headers }: Partial<Pick<CallContext, 'headers'>> = {},
  ): Promise<paperExchangeService.SubmitOrderResponse> {
    const answer = await this.#exchange.submit(termsFromWire(request.order), headers);
    return submitAnswerToWire(answer);
  }

  /** @idempotent by the orders' ids */
  async submitOrders(
    request: paperExchangeService.SubmitOrdersRequest,
    { headers }: Partial<Pick<CallContext, 'headers'>> = {},
  ): Promise<paperExchangeService.SubmitOrdersResponse> {
    const answers = await this.#exchange.submitAll(request.orders.map(termsFromWire), headers);
    return { answers: answers.map(submitAnswerToWire) };
  }

  async cancelVenueOrder(
    request: paperExchangeService.CancelVenueOrderRequest,
  ): Promise<paperExchangeService.CancelVenueOrderResponse> {
    const answer = await this.#exchange.cancel(request.accountId, request.orderId);
    return answer.kind === 'requested'
      ? { requested: true, reason: '' }
      : { requested: false, reason: answer.reason };
  }

  /** @idempotent by the order's id and the count */
  async replaceVenueOrder(
    request: paperExchangeService.ReplaceVenueOrderRequest,
  ): Promise<paperExchangeService.ReplaceVenueOrderResponse> {
    const { accountId, orderId, count, revision } = request;
    const to = { count, ...revisionFromWire(revision) };
    const answer = await this.#exchange.replace(accountId, orderId, to);
    return answer.kind === 'requested'
      ? { requested: true, reason: '' }
      : { requested: false, reason: answer.reason };
  }

  async findOrder(
    request: paperExchangeService.FindOrderRequest,
  ): Promise<paperExchangeService.FindOrderResponse> {
    const order = await this.#exchange.find(request.accountId, request.orderId);
    return { order: order && venueOrderToWire(order) };
  }

  async listOpenOrders(
    request: paperExchangeService.ListOpenOrdersRequest,
  ): Promise<paperExchangeService.ListOpenOrdersResponse> {
    const orders = await this.#exchange.openOrders(request.accountId);
    return { orders: orders.map(venueOrderToWire) };
  }

  async getAccount(
    request: paperExchangeService.GetAccountRequest,
  ): Promise<paperExchangeService.GetAccountResponse> {
    const account = await this.#exchange.account(request.accountId);
    return {
      accountId: account.accountId,
      currency: account.currency,
      cashMicros: int64.of(account.cashMicros),
      sequence: int64.of(account.sequence),
      positions: account.positions.map((one) => ({
        symbol: one.symbol,
        quantity: int64.of(one.quantity),
        costMicros: int64.of(one.costMicros),
      })),
    };
  }

  async listActivities(
    request: paperExchangeService.ListActivitiesRequest,
  ): Promise<paperExchangeService.ListActivitiesResponse> {
    const { accountId, afterActivityId } = request;
    const activities = await this.#exchange.activities(accountId, afterActivityId);
    return { activities: activities.map(activityToWire) };
  }

  /** @idempotent by the action's id */
  async postAction(
    request: paperExchangeService.PostActionRequest,
  ): Promise<paperExchangeService.PostActionResponse> {
    const action = postedActionFromWire(request.action);
    const answer = await this.#exchange.post(request.actionId, action);
    return answer.kind === 'rejected'
      ? { taken: false, reason: answer.reason }
      : { taken: true, reason: '' };
  }

  async getConditions(): Promise<paperExchangeService.GetConditionsResponse> {
    const { nowUs, restrictions } = await this.#exchange.conditions();
    return { nowUs: int64.of(nowUs), restrictions: [...restrictions] };
  }

  async *streamUpdates(
    request: paperExchangeService.StreamUpdatesRequest,
    context: { readonly signal: AbortSignal },
  ): AsyncGenerator<paperExchangeService.StreamUpdatesResponse> {
    const after = int64.number(request.afterSequence);
    const updates = await this.#exchange.updates(request.accountId, after);
    context.signal.addEventListener('abort', () => void updates.close(), { once: true });
    try {
      while (!context.signal.aborted) {
        const batch = await updates.next();
        if (batch.length === 0) return;
        yield venueUpdatesToWire(batch);
      }
    } finally {
      await updates.close();
    }
  }
}
