import { trading } from '@alpacahq/alpaca-trade-api';
import { AppError, type TimeUs, timeUs, US_PER_MS, US_PER_SECOND } from '@capstan/domain';
import type { AlpacaApi } from './alpaca-api.ts';
import type { Amounts } from './amounts.ts';
import {
  type ActivityRow,
  activityRows,
  type FillRow,
  fillRows,
  type OrderRow,
  orderRow,
  orderRows,
} from './rows.ts';

const ORDERS_PAGE = 500;
const FILLS_PAGE = 100;
const ACTIVITIES_PAGE = 100;
/** Exits are made as their entry is: their times lie this close. */
const FAMILY_SPAN_US = 2 * US_PER_SECOND;
/** A list is paged from a moment before the last row's, as the bound itself is left out. */
const OVERLAP_US = US_PER_MS;
const NOT_FOUND = 404;

/** What is read of an account's orders and fills, whole: every page, in the order of time. */
export class AccountReads {
  readonly #api: AlpacaApi;
  readonly #amounts: Amounts;

  constructor(api: AlpacaApi, amounts: Amounts) {
    this.#api = api;
    this.#amounts = amounts;
  }

  /** Returns the orders that work, oldest first. */
  async openOrders(): Promise<readonly OrderRow[]> {
    const rows = new Map<string, OrderRow>();
    for (let after: string | undefined; ; ) {
      const page = await this.#api.read('list orders', orderRows, ({ orders }) =>
        orders.getAllOrdersRaw({
          status: trading.GetAllOrdersStatusEnum.Open,
          limit: ORDERS_PAGE,
          direction: trading.GetAllOrdersDirectionEnum.Asc,
          ...(after === undefined ? {} : { after }),
        }),
      );
      const known = rows.size;
      for (const row of page) rows.set(row.id, row);
      if (page.length < ORDERS_PAGE) return [...rows.values()];
      const lastUs = this.#amounts.time(page.at(-1)?.submitted_at);
      if (rows.size === known || lastUs === undefined) throw unpaged('orders');
      after = beforeText(lastUs);
    }
  }

  /** Returns an order by Alpaca's id, with its exits in it; `undefined` where it has none. */
  order(venueOrderId: string): Promise<OrderRow | undefined> {
    return this.#found('find an order', ({ orders }) =>
      orders.getOrderByOrderIDRaw({ orderId: venueOrderId, nested: true }),
    );
  }

  /**
   * Returns the order on which another hangs, with all that hangs on it: that order itself where it hangs on none. `undefined` where
   * Alpaca does not list it now. An exit's row does not say whose it is; lists that show exits in their orders do.
   */
  async familyOf({
    id,
    symbol,
    created_at,
    submitted_at,
  }: OrderRow): Promise<OrderRow | undefined> {
    const madeUs = this.#amounts.time(created_at ?? submitted_at);
    if (madeUs === undefined || symbol == null) return undefined;
    const rows = await this.#api.read('list orders', orderRows, ({ orders }) =>
      orders.getAllOrdersRaw({
        status: trading.GetAllOrdersStatusEnum.All,
        limit: ORDERS_PAGE,
        nested: true,
        symbols: symbol,
        after: textOf(timeUs(madeUs - FAMILY_SPAN_US)),
        until: textOf(timeUs(madeUs + FAMILY_SPAN_US)),
      }),
    );
    const isOfIt = (row: OrderRow) => row.id === id || row.legs?.some((leg) => leg.id === id);
    return rows.find(isOfIt);
  }

  /** Returns an order by its client id; `undefined` where Alpaca shows none now. */
  orderOf(clientOrderId: string): Promise<OrderRow | undefined> {
    return this.#found('find an order', ({ orders }) =>
      orders.getOrderByClientOrderIdRaw({ clientOrderId }),
    );
  }

  /** Returns the order that stands for one of ours now, and those whose place it took, oldest first; empty where there is none. */
  async chainOf(clientOrderId: string): Promise<readonly OrderRow[]> {
    return this.#chain(await this.orderOf(clientOrderId));
  }

  /** The same, of an order by Alpaca's id. */
  async chainFrom(venueOrderId: string): Promise<readonly OrderRow[]> {
    return this.#chain(await this.order(venueOrderId));
  }

  async #chain(first: OrderRow | undefined): Promise<readonly OrderRow[]> {
    const chain: OrderRow[] = [];
    let next = first;
    while (next !== undefined) {
      chain.push(next);
      const by = next.replaced_by;
      next = by == null || by === '' ? undefined : await this.order(by);
    }
    return chain;
  }

  /** Returns the fills after a time, oldest first. */
  async fillsAfter(afterUs: TimeUs): Promise<readonly FillRow[]> {
    const rows: FillRow[] = [];
    for (let pageToken: string | undefined; ; ) {
      const page = await this.#api.read('list fills', fillRows, ({ activities }) =>
        activities.getAccountActivitiesByActivityTypeRaw({
          activityType: 'FILL',
          after: new Date(Math.floor(afterUs / US_PER_MS)),
          direction: trading.GetAccountActivitiesByActivityTypeDirectionEnum.Asc,
          pageSize: FILLS_PAGE,
          ...(pageToken === undefined ? {} : { pageToken }),
        }),
      );
      rows.push(...page);
      const last = page.at(-1)?.id;
      if (page.length < FILLS_PAGE || last === undefined) return rows;
      if (last === pageToken) throw unpaged('fills');
      pageToken = last;
    }
  }

  /** Returns the first page with activities that are no trades after one, or from the beginning, oldest first. */
  async activitiesAfter(afterActivityId: string): Promise<readonly ActivityRow[]> {
    for (let pageToken = afterActivityId; ; ) {
      const page = await this.#activities(pageToken);
      const last = page.at(-1)?.id;
      const rows = page.filter(({ activity_type: type }) => type !== 'FILL');
      if (rows.length > 0 || page.length < ACTIVITIES_PAGE || last === undefined) return rows;
      if (last === pageToken) throw unpaged('activities');
      pageToken = last;
    }
  }

  #activities(pageToken: string): Promise<readonly ActivityRow[]> {
    return this.#api.read('list activities', activityRows, ({ activities }) =>
      activities.getAccountActivitiesRaw({
        category: trading.GetAccountActivitiesCategoryEnum.NonTradeActivity,
        direction: trading.GetAccountActivitiesDirectionEnum.Asc,
        pageSize: ACTIVITIES_PAGE,
        ...(pageToken === '' ? {} : { pageToken }),
      }),
    );
  }

  async #found(what: string, call: Parameters<AlpacaApi['ask']>[2]): Promise<OrderRow | undefined> {
    const answer = await this.#api.ask(what, orderRow, call);
    if (answer.kind === 'answer') return answer.value;
    if (answer.refused.status === NOT_FOUND) return undefined;
    throw new AppError({
      code: 'VENUE.UNAVAILABLE',
      why: `Alpaca refused to ${what} (${answer.refused.status}: ${answer.refused.message}).`,
      fix: 'It is asked again.',
      retry: 'retryable',
    });
  }
}

const textOf = (us: TimeUs): string => new Date(us / US_PER_MS).toISOString();

const beforeText = (us: TimeUs): string => textOf(timeUs(us - OVERLAP_US));

const unpaged = (what: string): AppError =>
  new AppError({
    code: 'VENUE.UNAVAILABLE',
    why: `Alpaca's list of ${what} does not go on after a full page.`,
    fix: 'It is read again.',
    retry: 'retryable',
  });
