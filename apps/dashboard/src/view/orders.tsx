import type { Fill, Order } from '../api.ts';
import { post } from '../client.ts';
import { formatMoney, formatPrice, formatQuantity, NONE } from '../format.ts';
import { isOpen } from '../state.ts';
import { ForeignRows } from './foreign.tsx';
import { Empty, Panel } from './panel.tsx';
import { type Screen, scaleOf } from './screen.ts';

const STATES: Readonly<Record<string, string>> = {
  approved: 'Approved',
  submitting: 'Sending',
  unknown: 'Unknown',
  accepted: 'Working',
  partiallyFilled: 'Partly filled',
  cancelling: 'Cancelling',
  replacing: 'Replacing',
};

const priceOf = (order: Order): string =>
  order.type === 'market' ? 'Market' : formatPrice(order.limitPriceNanos ?? order.stopPriceNanos);

/** Tells whether a person can change an order, or say what became of it. */
const isChangeable = ({ state }: Order): boolean =>
  state === 'unknown' || state === 'accepted' || state === 'partiallyFilled';

/** The orders that can still trade. */
export function Orders(screen: Screen) {
  const { state, clock, act, mayAct, openOrder } = screen;
  const open = [...state.orders.values()]
    .filter((order) => isOpen(order) && order.accountId === state.account)
    .sort((a, b) => b.decidedAtUs - a.decidedAtUs);
  return (
    <Panel
      screen={screen}
      area="orders"
      title="Open orders"
      count={open.length}
      parts={['orders', 'foreign']}
      tools={<CancelAll screen={screen} count={open.length} />}
    >
      <div class="rows">
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Order</th>
              <th class="num">Price</th>
              <th class="num wide">Filled</th>
              <th>State</th>
              <th class="wide">Bot</th>
              <th class="act">
                <span class="sr">Change or cancel</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {open.map((order) => {
              const scale = scaleOf(screen, order.symbol);
              const words = `${order.side} ${formatQuantity(order.quantity, scale)} ${order.symbol}`;
              return (
                <tr key={order.orderId} title={order.reason}>
                  <td class="dim">{clock.time(order.decidedAtUs)}</td>
                  <td>
                    <span class={`side ${order.side}`}>{order.side}</span>{' '}
                    {formatQuantity(order.quantity, scale)} {order.symbol}
                  </td>
                  <td class="num">{priceOf(order)}</td>
                  <td class="num wide">{formatQuantity(order.filledQuantity, scale)}</td>
                  <td class={order.state === 'unknown' ? 'warn' : ''}>
                    {STATES[order.state] ?? order.state}
                  </td>
                  <td class="wide dim">{order.botId}</td>
                  <td class="act">
                    {isChangeable(order) && (
                      <button
                        type="button"
                        disabled={!mayAct}
                        aria-label={`${order.state === 'unknown' ? 'Resolve' : 'Change'} ${words}`}
                        onClick={() => openOrder(order.orderId)}
                      >
                        {order.state === 'unknown' ? 'Resolve' : 'Change'}
                      </button>
                    )}
                    <button
                      type="button"
                      disabled={!mayAct || order.state === 'cancelling'}
                      aria-label={`Cancel ${words}`}
                      onClick={() =>
                        act(
                          `Cancel ${words}`,
                          () =>
                            post(`/api/orders/${encodeURIComponent(order.orderId)}/cancel`, {
                              account: order.accountId,
                            }),
                          ['orders'],
                        )
                      }
                    >
                      Cancel
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {open.length === 0 && <Empty>No open orders.</Empty>}
        <ForeignRows screen={screen} what="orders" />
      </div>
    </Panel>
  );
}

function CancelAll({ screen, count }: { readonly screen: Screen; readonly count: number }) {
  const { state, act, mayAct } = screen;
  const { account } = state;
  return (
    <button
      type="button"
      disabled={!mayAct || count === 0}
      onClick={() => {
        if (!window.confirm(`Cancel all open orders of ${account}?`)) return;
        act('Cancel all orders', () => post('/api/orders/cancel', { account }), ['orders']);
      }}
    >
      Cancel all
    </button>
  );
}

/** Tells whether another bot of the account was the other side: such fills have ids of their own kind. */
const isInternal = ({ fillId }: Fill): boolean => fillId.startsWith('internal/');
const INTERNAL = 'Filled by another bot of this account, not at the venue';

/** The latest fills. */
export function Fills(screen: Screen) {
  const { state, clock, dispatch } = screen;
  const fills = state.fills.filter((one) => one.accountId === state.account).slice(0, 100);
  return (
    <Panel screen={screen} area="fills" title="Fills" parts={['fills']}>
      <div class="rows">
        <table>
          <thead>
            <tr>
              <th>Time</th>
              <th>Fill</th>
              <th class="num">Price</th>
              <th class="num wide">Fee</th>
              <th class="wide">Bot</th>
            </tr>
          </thead>
          <tbody>
            {fills.map((fill) => (
              <tr key={fill.fillId}>
                <td class="dim" title={clock.dayTime(fill.eventAtUs)}>
                  {clock.time(fill.eventAtUs)}
                </td>
                <td>
                  <span class={`side ${fill.side}`}>
                    {fill.kind === 'fill' ? fill.side : fill.kind}
                  </span>{' '}
                  {formatQuantity(fill.quantity, scaleOf(screen, fill.symbol))}{' '}
                  <button
                    type="button"
                    class="link"
                    onClick={() => dispatch({ kind: 'symbol', symbol: fill.symbol })}
                  >
                    {fill.symbol}
                  </button>
                </td>
                <td class="num">{formatPrice(fill.priceNanos)}</td>
                <td class="num wide">
                  {fill.feeMicros === 0 ? NONE : formatMoney(fill.feeMicros)}
                </td>
                <td class="wide dim">
                  {fill.botId}
                  {isInternal(fill) && <span title={INTERNAL}> internal</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {fills.length === 0 && <Empty>No fills yet.</Empty>}
      </div>
    </Panel>
  );
}
