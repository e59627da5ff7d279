import { formatGain, formatMoney, formatPrice, formatQuantity, toneOf } from '../format.ts';
import { Empty, Panel } from './panel.tsx';
import { type Screen, scaleOf } from './screen.ts';

/** What each bot holds, and what it is worth. */
export function Positions(screen: Screen) {
  const { state, dispatch } = screen;
  const held = state.positions
    .filter((one) => one.quantity !== 0 && one.accountId === state.account)
    .sort((a, b) =>
      a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : a.botId < b.botId ? -1 : 1,
    );
  return (
    <Panel
      screen={screen}
      area="positions"
      title="Positions"
      count={held.length}
      parts={['positions']}
    >
      <div class="rows">
        <table>
          <thead>
            <tr>
              <th>Symbol</th>
              <th class="wide">Bot</th>
              <th class="num">Quantity</th>
              <th class="num">Average</th>
              <th class="num">Mark</th>
              <th class="num wide">Value</th>
              <th class="num">Unrealised</th>
              <th class="num wide">Realised</th>
            </tr>
          </thead>
          <tbody>
            {held.map((one) => (
              <tr key={`${one.botId}/${one.symbol}`}>
                <td>
                  <button
                    type="button"
                    class="link"
                    onClick={() => dispatch({ kind: 'symbol', symbol: one.symbol })}
                  >
                    {one.symbol}
                  </button>
                </td>
                <td class="wide dim">{one.botId}</td>
                <td class="num">{formatQuantity(one.quantity, scaleOf(screen, one.symbol))}</td>
                <td class="num">{formatPrice(one.averagePriceNanos)}</td>
                <td class="num">{formatPrice(one.markPriceNanos)}</td>
                <td class="num wide">{formatMoney(one.marketValueMicros)}</td>
                <td class={`num ${toneOf(one.unrealisedMicros)}`}>
                  {formatGain(one.unrealisedMicros)}
                </td>
                <td class={`num wide ${toneOf(one.realisedMicros)}`}>
                  {formatGain(one.realisedMicros)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {held.length === 0 && <Empty>No open positions.</Empty>}
      </div>
    </Panel>
  );
}
