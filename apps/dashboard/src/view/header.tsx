import { formatQuantity, NONE } from '../format.ts';
import { sessionText } from '../session-text.ts';
import type { Screen } from './screen.ts';

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Reconnecting',
  denied: 'Not signed in',
} as const;

/** The head of the page: what installation this is, whether it is live, how late it is there, and the kill switch. */
export function Header(screen: Screen) {
  const { state, clock, openKill, mayAct } = screen;
  const { overview, connection, slices } = state;
  const newest = Math.max(0, ...slices.values());
  const killed = (overview?.killSwitches ?? []).filter((one) => one.mode !== 'off');
  const worst = killed.some((one) => one.mode === 'hard')
    ? 'hard'
    : killed.length > 0
      ? 'soft'
      : 'off';
  const isBroken = (overview?.breakers ?? []).some((one) => one.open);
  const waiting = (overview?.feeds ?? []).flatMap((feed) => feed.waitingFor);
  const published = overview?.feeds.reduce((sum, feed) => sum + feed.slicesPublished, 0);
  return (
    <header class="head">
      <h1>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 2h8v2.4h-1.6L11.8 14H4.2l1.4-9.6H4z" fill="currentColor" />
        </svg>
        Capstan
      </h1>
      <span class={`badge env-${overview?.environment ?? 'none'}`}>
        {overview?.environment ?? NONE}
      </span>
      {overview?.dryRun === true && (
        <span
          class="badge env-live"
          title="Everything but the send is done: nothing reaches a broker."
        >
          Dry run
        </span>
      )}
      <span class="item wide">
        <span class="label">Run</span> <b>{overview?.runId ?? NONE}</b>
      </span>
      <span class={`connection ${connection}`} role="status">
        <i aria-hidden="true" />
        {WORDS[connection]}
      </span>
      <span class="spring" />
      <span
        class="item clock"
        title={waiting.length > 0 ? `Waiting for ${waiting.join(', ')}` : undefined}
      >
        <span class="label">Market</span>{' '}
        <b>
          <span class="wide">{clock.day(newest)} </span>
          {clock.time(newest)}
        </b>{' '}
        <span class="label">{clock.name}</span>
      </span>
      {state.sessions.map((market) => {
        const text = sessionText(market, clock);
        return (
          text !== undefined && (
            <span class="item session" key={market.calendar}>
              <span class="label">{market.calendar}</span> <b>{text}</b>
            </span>
          )
        );
      })}
      <span class="item wide slices">
        <span class="label">Slices</span>{' '}
        <b>{published === undefined ? NONE : formatQuantity(published, 0)}</b>
      </span>
      {state.overview !== undefined && state.overview.accounts.length > 1 && (
        <label class="item">
          <span class="label">Account</span>{' '}
          <select
            value={state.account}
            onChange={(event) =>
              screen.dispatch({ kind: 'account', account: event.currentTarget.value })
            }
          >
            {state.overview.accounts.map((one) => (
              <option key={one.accountId}>{one.accountId}</option>
            ))}
          </select>
        </label>
      )}
      <button
        type="button"
        class={`kill ${worst === 'off' && isBroken ? 'soft' : worst}`}
        onClick={openKill}
        disabled={overview === undefined}
      >
        {worst !== 'off' ? `Killed (${worst})` : isBroken ? 'Breaker open' : 'Kill switch'}
        {!mayAct && overview !== undefined && <span class="sr"> (looking only)</span>}
      </button>
    </header>
  );
}
