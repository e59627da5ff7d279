import { formatQuantity } from '../format.ts';
import { Empty, Panel } from './panel.tsx';
import { type Screen, scaleOf } from './screen.ts';

/** Drifts that are none of a symbol. */
const CASH: Readonly<Record<string, string>> = {
  $cash: 'ledger and broker differ in cash',
  $opening: 'not open: the configuration and the broker differ in cash',
};

/** What risk refused, and where ledger and broker differ. */
export function Decisions(screen: Screen) {
  const { state, clock } = screen;
  const denials = state.denials.filter((one) => one.accountId === state.account).slice(0, 50);
  const drifts = state.drifts.filter((one) => one.accountId === state.account);
  return (
    <Panel screen={screen} area="denials" title="Denials" parts={['denials', 'drifts']}>
      <ul class="rows lines">
        {drifts.map((drift) => (
          <li key={drift.driftId} class="drift">
            <b>Drift {drift.symbol}</b>{' '}
            {drift.symbol.startsWith('$')
              ? CASH[drift.symbol]
              : `ledger ${formatQuantity(drift.ledger, scaleOf(screen, drift.symbol))}, broker ${formatQuantity(drift.broker, scaleOf(screen, drift.symbol))}`}{' '}
            <span class="dim">since {clock.time(drift.openedAtUs)}</span>
          </li>
        ))}
        {denials.map((denial) => (
          <li key={denial.denialId}>
            <span class="dim">{clock.time(denial.decidedAtUs)}</span> <b>{denial.symbol}</b>{' '}
            <span class="policy">{denial.policy}</span> {denial.reason}{' '}
            <span class="dim">{denial.botId}</span>
          </li>
        ))}
        {denials.length + drifts.length === 0 && <Empty>Nothing was denied.</Empty>}
      </ul>
    </Panel>
  );
}
