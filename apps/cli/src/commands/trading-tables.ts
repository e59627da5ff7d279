import { INTERNAL_VENUE, isInternalFill } from '@capstan/domain';
import { renderTable } from '../console/table.ts';
import { type Answer, listIn } from '../gateway-client.ts';
import { amount, cash, price, type Scales, text, time } from './trading-columns.ts';

/** Finds the scales among the instruments of an overview. */
export function scalesIn(overview: Answer): Scales {
  return new Map(
    listIn(overview, 'instruments').map((one) => [
      String(one.symbol),
      typeof one.quantityScale === 'number' ? one.quantityScale : 0,
    ]),
  );
}

/** Writes orders as a table. */
export function renderOrders(answer: Answer, scales: Scales): string {
  const columns = [
    time('decided (UTC)', 'decidedAtUs'),
    text('bot', 'botId'),
    text('symbol', 'symbol'),
    text('side', 'side'),
    amount('quantity', 'quantity', scales),
    amount('filled', 'filledQuantity', scales),
    text('type', 'type'),
    price('limit', 'limitPriceNanos'),
    text('state', 'state'),
    text('order', 'orderId'),
    text('reason', 'reason'),
  ];
  return renderTable(columns, listIn(answer, 'orders'), 'no orders');
}

/** Writes what fits no order of ours as a table. */
export function renderStrays(answer: Answer): string {
  const columns = [
    time('time (UTC)', 'eventAtUs'),
    text('account', 'accountId'),
    text('what', 'kind'),
    text('order', 'orderId'),
    text('execution', 'executionId'),
    amount('quantity', 'quantity', new Map()),
    price('price', 'priceNanos'),
    text('why it was set aside', 'why'),
  ];
  return renderTable(
    columns,
    listIn(answer, 'strays'),
    'nothing: every word fits an order of ours',
  );
}

/** Writes fills as a table. */
export function renderFills(answer: Answer, scales: Scales): string {
  const columns = [
    time('time (UTC)', 'eventAtUs'),
    text('bot', 'botId'),
    text('symbol', 'symbol'),
    text('side', 'side'),
    amount('quantity', 'quantity', scales),
    price('price', 'priceNanos'),
    cash('fee', 'feeMicros'),
    text('kind', 'kind'),
    { title: 'venue', text: (row: Answer) => venueText(row.fillId) },
    text('order', 'orderId'),
  ];
  return renderTable(columns, listIn(answer, 'fills'), 'no fills');
}

/** Names the venue where it is not the account's own. */
const venueText = (fillId: unknown): string =>
  isInternalFill({ fillId: String(fillId) }) ? INTERNAL_VENUE : '';

/** Writes positions, and what the accounts are worth, as tables. */
export function renderPositions(answer: Answer, scales: Scales): string {
  const positions = [
    text('account', 'accountId'),
    text('bot', 'botId'),
    text('symbol', 'symbol'),
    amount('quantity', 'quantity', scales),
    price('average', 'averagePriceNanos'),
    price('price', 'markPriceNanos'),
    cash('value', 'marketValueMicros'),
    cash('unrealised', 'unrealisedMicros'),
    cash('realised', 'realisedMicros'),
    cash('fees', 'feesMicros'),
  ];
  const accounts = [
    text('account', 'accountId'),
    text('currency', 'currency'),
    cash('cash', 'cashMicros'),
    cash('value', 'marketValueMicros'),
    cash('equity', 'equityMicros'),
    cash('unrealised', 'unrealisedMicros'),
    cash('realised', 'realisedMicros'),
    cash('fees', 'feesMicros'),
  ];
  return [
    renderTable(positions, listIn(answer, 'positions'), 'no positions'),
    renderTable(accounts, listIn(answer, 'accounts'), 'no accounts'),
  ].join('\n\n');
}
