import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { RequestError, setToken } from '../client.ts';
import { zoneClock } from '../format.ts';
import { EMPTY, type Part, reduce } from '../state.ts';
import { Sync } from '../sync.ts';
import { Alerts } from './alerts.tsx';
import { Bots } from './bots.tsx';
import { Decisions } from './decisions.tsx';
import { EquityPanel } from './equity-panel.tsx';
import { Figures } from './figures.tsx';
import { Header } from './header.tsx';
import { KillDialog } from './kill-dialog.tsx';
import { OrderDialog } from './order-dialog.tsx';
import { Fills, Orders } from './orders.tsx';
import { Positions } from './positions.tsx';
import { PricePanel } from './price-panel.tsx';
import type { Screen } from './screen.ts';
import { Services } from './services.tsx';
import { TokenForm } from './token-form.tsx';
import { WhyDrawer } from './why-drawer.tsx';

/** What the last click came to. */
interface Notice {
  readonly text: string;
  readonly bad: boolean;
}

const NOTICE_MS = 8_000;

/** The whole page. */
export function App() {
  const [state, dispatch] = useReducer(reduce, EMPTY);
  const latest = useRef(state);
  latest.current = state;
  const [sync] = useState(() => new Sync(dispatch, () => latest.current));
  const [notice, setNotice] = useState<Notice | undefined>(undefined);
  const [why, setWhy] = useState<string | undefined>(undefined);
  const [killing, setKilling] = useState(false);
  const [changing, setChanging] = useState<string | undefined>(undefined);
  useEffect(() => sync.start(), [sync]);
  useEffect(() => {
    if (notice === undefined) return;
    const timer = window.setTimeout(() => setNotice(undefined), NOTICE_MS);
    return () => window.clearTimeout(timer);
  }, [notice]);
  const { symbol, account } = state;
  useEffect(() => {
    if (symbol !== undefined) sync.soon('bars', 0);
  }, [sync, symbol]);
  useEffect(() => {
    if (account === undefined) return;
    sync.soon('equity', 0);
    sync.soon('days', 0);
  }, [sync, account]);
  const act = useCallback(
    (what: string, work: () => Promise<unknown>, touches: readonly Part[]) => {
      setNotice({ text: `${what} …`, bad: false });
      work()
        .then(
          () => setNotice({ text: `${what}: done.`, bad: false }),
          (error: unknown) => {
            if (!(error instanceof RequestError)) throw error;
            const { why: reason, fix } = error.problem;
            setNotice({ text: `${what}: ${reason} ${fix}`, bad: true });
          },
        )
        .finally(() => {
          for (const part of touches) sync.soon(part, 0);
        });
    },
    [sync],
  );
  const overview = state.overview;
  const calendars = overview?.instruments.map((one) => one.calendar).join(' ') ?? '';
  const clock = useMemo(() => zoneClock(calendars === '' ? [] : calendars.split(' ')), [calendars]);
  const screen: Screen = {
    state,
    dispatch,
    clock,
    act,
    mayAct: overview?.role === 'operator' && state.connection !== 'denied',
    openWhy: setWhy,
    openKill: () => setKilling(true),
    openOrder: setChanging,
  };
  const changed = changing === undefined ? undefined : state.orders.get(changing);
  return (
    <>
      <Header {...screen} />
      {state.connection === 'denied' && (
        <TokenForm
          use={(token) => {
            setToken(token);
            sync.reconnect();
          }}
        />
      )}
      <main>
        <Figures {...screen} />
        <div class="grid">
          <PricePanel {...screen} />
          <EquityPanel {...screen} />
          <Positions {...screen} />
          <Bots {...screen} />
          <Orders {...screen} />
          <Fills {...screen} />
          <Decisions {...screen} />
          <Services {...screen} />
          <Alerts {...screen} />
        </div>
      </main>
      <footer>
        Times in {clock.name}. Charts by{' '}
        <a href="https://www.tradingview.com/" rel="noreferrer noopener" target="_blank">
          TradingView Lightweight Charts™
        </a>
        .
      </footer>
      <div
        class="notice"
        role="status"
        aria-live="polite"
        data-bad={notice?.bad}
        hidden={notice === undefined}
      >
        {notice?.text}
      </div>
      {killing && <KillDialog {...screen} close={() => setKilling(false)} />}
      {changed !== undefined && (
        <OrderDialog
          {...screen}
          key={`${changed.orderId} ${changed.state === 'unknown'}`}
          order={changed}
          close={() => setChanging(undefined)}
        />
      )}
      {why !== undefined && <WhyDrawer {...screen} botId={why} close={() => setWhy(undefined)} />}
    </>
  );
}
