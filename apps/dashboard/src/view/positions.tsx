import { post } from '../client.ts';
import { formatGain, formatMoney, formatPrice, formatQuantity, toneOf } from '../format.ts';
import { ForeignRows } from './foreign.tsx';
import { Empty, Panel } from './panel.tsx';
import { type Screen, scaleOf } from './screen.ts';

interface FlattenProps {
  readonly screen: Screen;
  readonly label: string;
  /** Left out: everything of the account. */
  readonly of?: { readonly bot: string; readonly symbol?: string };
  readonly isOff?: boolean;
}

/** Cancels what works and closes what is held, once it was confirmed. */
export function Flatten({ screen, label, of, isOff = false }: FlattenProps) {
  const { state, act, mayAct } = screen;
  const { account } = state;
  const what =
    of === undefined
      ? `everything that ${account} holds`
      : `what ${of.bot} holds${of.symbol === undefined ? '' : ` of ${of.symbol}`}`;
  return (
    <button
      type="button"
      disabled={!mayAct || isOff}
      aria-label={`${label}: ${what}`}
      onClick={() => {
        const question = `Cancel the orders of and close ${what}, by market orders? A bot that still wants it may open it again.`;
        if (!window.confirm(question)) return;
        const body = { account, ...of };
        act(`Close ${what}`, () => post('/api/flatten', body), ['orders', 'positions']);
      }}
    >
      {label}
    </button>
  );
}

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
      parts={['positions', 'foreign']}
      tools={<Flatten screen={screen} label="Flatten all" isOff={held.length === 0} />}
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
              <th class="act">
                <span class="sr">Close</span>
              </th>
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
                <td class="act">
                  <Flatten
                    screen={screen}
                    label="Close"
                    of={{ bot: one.botId, symbol: one.symbol }}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {held.length === 0 && <Empty>No open positions.</Empty>}
        <ForeignRows screen={screen} what="positions" />
      </div>
    </Panel>
  );
}
