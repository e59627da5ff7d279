import { formatGain, formatQuantity } from '../format.ts';
import { type Screen, scaleOf } from './screen.ts';

interface ForeignProps {
  readonly screen: Screen;
  readonly what: 'orders' | 'positions';
}

/** What works or is held on the account and is none of ours, with the rule that applies; nothing where there is none. */
export function ForeignRows({ screen, what }: ForeignProps) {
  const { state } = screen;
  const found = state.foreign.find((one) => one.accountId === state.account);
  if (found === undefined || found[what].length === 0) return null;
  const { rule, meaning, orders, positions, cashMicros } = found;
  return (
    <ul class="lines" aria-label={`Not ours: ${what}`}>
      <li class="drift">
        <b>Not ours</b> <span class="policy">foreign: {rule}</span> {meaning}
        {what === 'positions' && cashMicros !== 0 && (
          <span class="dim"> · cash {formatGain(cashMicros)}</span>
        )}
      </li>
      {what === 'orders'
        ? orders.map((one) => (
            <li key={one.orderId}>
              <b>{one.symbol}</b> {one.side ?? 'order'} <span class="dim">{one.orderId}</span>
            </li>
          ))
        : positions.map((one) => (
            <li key={one.symbol}>
              <b>{one.symbol}</b> {formatQuantity(one.quantity, scaleOf(screen, one.symbol))}
            </li>
          ))}
    </ul>
  );
}
