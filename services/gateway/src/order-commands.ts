import { executionService, orderFromWire } from '@capstan/contracts';
import { type Applied, applied } from './applied.ts';
import type { Clients } from './clients.ts';
import { notFound } from './failure.ts';
import { badField, type Fields } from './fields.ts';
import { LIMITS } from './limits.ts';
import type { GatewayPorts } from './ports.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;

/** What became of a command at one account. */
export interface AccountApplied {
  readonly accountId: string;
  readonly applied: boolean;
  readonly message: string;
}

/** Passes on what is to be done with orders. Every method takes the body's fields and who asks. */
export class OrderCommands {
  readonly #clients: Clients;
  readonly #ports: Pick<GatewayPorts, 'ids'>;

  constructor(ports: GatewayPorts) {
    this.#clients = ports.clients;
    this.#ports = ports;
  }

  /** @throws GATEWAY.NOT_FOUND, GATEWAY.REFUSED @idempotent by `commandId` */
  async cancel(orderId: string, body: Fields, actor: string): Promise<Applied> {
    const request = await this.#ofOrder(orderId, body, actor);
    return applied(await this.#clients.execution.cancelOrder(request, ASK));
  }

  /** @throws GATEWAY.REQUEST, GATEWAY.NOT_FOUND, GATEWAY.REFUSED @idempotent by `commandId` */
  async replace(orderId: string, body: Fields, actor: string): Promise<Applied> {
    const changes = {
      quantity: whole(body, 'quantity'),
      limitPriceNanos: whole(body, 'limitPriceNanos'),
      stopPriceNanos: whole(body, 'stopPriceNanos'),
    };
    if (Object.values(changes).every((change) => change === undefined)) {
      throw badField('quantity', 'is missing, and no price is given: say what is to change');
    }
    const request = { ...(await this.#ofOrder(orderId, body, actor)), ...changes };
    return applied(await this.#clients.execution.replaceOrder(request, ASK));
  }

  /** @throws GATEWAY.REQUEST, GATEWAY.NOT_FOUND, GATEWAY.REFUSED @idempotent by `commandId` */
  async resolve(orderId: string, body: Fields, actor: string): Promise<Applied> {
    const { ORDER_RESOLUTION_ABSENT, ORDER_RESOLUTION_FILLED } = executionService.OrderResolution;
    const isFilled = body.oneOf('as', ['filled', 'absent']) === 'filled';
    const request = {
      ...(await this.#ofOrder(orderId, body, actor)),
      resolution: isFilled ? ORDER_RESOLUTION_FILLED : ORDER_RESOLUTION_ABSENT,
      priceNanos: whole(body, 'priceNanos'),
      quantity: whole(body, 'quantity'),
    };
    return applied(await this.#clients.execution.resolveOrder(request, ASK));
  }

  /** Cancels what works: of an account, a bot, a symbol, or all. @throws GATEWAY.REQUEST @idempotent by `commandId` */
  async cancelAll(body: Fields, actor: string) {
    const { results } = await this.#clients.execution.cancelOrders(this.#scope(body, actor), ASK);
    return { results: results.map(accountApplied) };
  }

  /** Also brings what is held there to zero. @throws GATEWAY.REQUEST @idempotent by `commandId` */
  async flatten(body: Fields, actor: string) {
    const { results } = await this.#clients.execution.flatten(this.#scope(body, actor), ASK);
    return { results: results.map(accountApplied) };
  }

  /** Nobody means everything by saying nothing. */
  #scope(body: Fields, actor: string): executionService.FlattenRequest {
    const accountId = body.optionalText('account') ?? '';
    const botId = body.optionalText('bot') ?? '';
    const symbol = body.optionalText('symbol') ?? '';
    if (accountId === '' && botId === '' && symbol === '' && !body.flag('all')) {
      throw badField('account', 'is missing: name an account, a bot or a symbol, or say all');
    }
    return { accountId, botId, symbol, actor, commandId: this.#commandId(body) };
  }

  async #ofOrder(orderId: string, body: Fields, actor: string) {
    const accountId = body.optionalText('account') ?? (await this.#accountOf(orderId));
    return { accountId, orderId, actor, commandId: this.#commandId(body) };
  }

  async #accountOf(orderId: string): Promise<string> {
    const request = { accountId: '', botId: '', openOnly: true, limit: LIMITS.listMax };
    const { orders } = await this.#clients.execution.listOrders(request, ASK);
    const order = orders.map(orderFromWire).find((one) => one.orderId === orderId);
    if (order === undefined) throw notFound(`open order '${orderId}'`);
    return order.accountId;
  }

  #commandId(body: Fields): string {
    return body.optionalText('commandId') ?? this.#ports.ids.random();
  }
}

function whole(body: Fields, name: string): bigint | undefined {
  const value = body.integer(name, { min: 1, max: Number.MAX_SAFE_INTEGER, otherwise: 0 });
  return value === 0 ? undefined : BigInt(value);
}

function accountApplied({ accountId, result }: executionService.AccountResult): AccountApplied {
  return { accountId, applied: result?.applied ?? false, message: result?.message ?? '' };
}
