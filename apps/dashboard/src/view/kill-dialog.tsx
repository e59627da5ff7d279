import { useState } from 'preact/hooks';
import { post } from '../client.ts';
import { Dialog } from './dialog.tsx';
import type { Screen } from './screen.ts';

type Mode = 'soft' | 'hard';

/** Stops all trading, or lets it go on. */
export function KillDialog(screen: Screen & { readonly close: () => void }) {
  const { state, act, clock, mayAct, close } = screen;
  const [mode, setMode] = useState<Mode>('soft');
  const [account, setAccount] = useState('');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [foreign, setForeign] = useState(false);
  const switches = state.overview?.killSwitches ?? [];
  const killed = switches.filter((one) => one.mode !== 'off');
  const confirmed = mode === 'soft' || typed.trim().toUpperCase() === 'FLATTEN';
  const ready = mayAct && reason.trim() !== '' && confirmed;
  return (
    <Dialog kind="box" title="Kill switch" close={close}>
      {killed.map((one) => (
        <div class="killed" key={one.accountId}>
          <p>
            <b>{one.accountId}</b> is stopped ({one.mode}) since {clock.dayTime(one.sinceUs)} by{' '}
            {one.actor}: {one.reason}
          </p>
          {one.progress !== '' && <p>{one.progress}</p>}
          {one.unsaved && <p class="warn">NATS is away: only one process knows of it.</p>}
          <button
            type="button"
            disabled={!mayAct}
            onClick={() => {
              const body = { account: one.accountId };
              act(`Let ${one.accountId} trade again`, () => post('/api/unkill', body), [
                'overview',
              ]);
              close();
            }}
          >
            Let it trade again
          </button>
        </div>
      ))}
      <OpenBreakers {...screen} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const body = {
            mode,
            reason: reason.trim(),
            foreign: mode === 'hard' && foreign,
            ...(account === '' ? {} : { account }),
          };
          const parts = ['overview', 'orders', 'positions'] as const;
          act(`Kill (${mode})`, () => post('/api/kill', body), parts);
          close();
        }}
      >
        <fieldset>
          <legend class="sr">How</legend>
          <label class="choice">
            <input
              type="radio"
              name="mode"
              checked={mode === 'soft'}
              onChange={() => setMode('soft')}
            />
            <span>
              <b>Soft</b> No order that adds exposure is sent. Working orders and positions stay.
            </span>
          </label>
          <label class="choice">
            <input
              type="radio"
              name="mode"
              checked={mode === 'hard'}
              onChange={() => setMode('hard')}
            />
            <span>
              <b>Hard</b> Also cancels every working order and flattens every position.
            </span>
          </label>
        </fieldset>
        <label class="field">
          Account
          <select value={account} onChange={(event) => setAccount(event.currentTarget.value)}>
            <option value="">All accounts</option>
            {(state.overview?.accounts ?? []).map((one) => (
              <option key={one.accountId} value={one.accountId}>
                {one.accountId}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          Reason, for the audit
          <input
            value={reason}
            maxLength={200}
            onInput={(event) => setReason(event.currentTarget.value)}
            required
          />
        </label>
        <label class="choice" hidden={mode === 'soft'}>
          <input
            type="checkbox"
            checked={foreign}
            onChange={(event) => setForeign(event.currentTarget.checked)}
          />
          <span>Flatten also what Capstan does not hold itself.</span>
        </label>
        <label class="field" hidden={mode === 'soft'}>
          Type FLATTEN to confirm
          <input
            value={typed}
            autocomplete="off"
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        {!mayAct && <p class="warn">Your token may only look.</p>}
        <button type="submit" class="danger" disabled={!ready}>
          {mode === 'soft' ? 'Stop new exposure' : 'Cancel and flatten'}
        </button>
      </form>
    </Dialog>
  );
}

/** The breakers that are open, each with its reset. */
function OpenBreakers({
  state,
  act,
  clock,
  mayAct,
  close,
}: Screen & { readonly close: () => void }) {
  const open = (state.overview?.breakers ?? []).filter((one) => one.open);
  return (
    <>
      {open.map((one) => (
        <div class="killed" key={one.accountId}>
          <p>
            The breaker of <b>{one.accountId}</b> is open since {clock.dayTime(one.sinceUs)}, after{' '}
            {one.failures} failures in a row: {one.reason}. Only what reduces is sent.
          </p>
          <button
            type="button"
            disabled={!mayAct}
            onClick={() => {
              const path = `/api/breakers/${encodeURIComponent(one.accountId)}/reset`;
              act(`Reset the breaker of ${one.accountId}`, () => post(path), ['overview']);
              close();
            }}
          >
            Reset the breaker
          </button>
        </div>
      ))}
    </>
  );
}
