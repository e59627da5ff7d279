import type { Account } from '../api.ts';
import { formatGain, formatMoney, formatShare, NONE, toneOf } from '../format.ts';
import { isOpen } from '../state.ts';
import type { Screen } from './screen.ts';

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: string;
  readonly title?: string;
}

function Figure({ name, value, note, tone, title }: FigureProps) {
  return (
    <div class="figure" title={title}>
      <dt>{name}</dt>
      <dd class={tone}>
        {value}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}

/** The account's figures in one row. */
export function Figures({ state }: Screen) {
  const { overview, orders, days } = state;
  const account = overview?.accounts.find((one) => one.accountId === state.account);
  const today = days.at(-1);
  const open = [...orders.values()].filter(isOpen).length;
  const gross = grossOf(state.positions.filter((one) => one.accountId === state.account));
  const before = today === undefined ? undefined : today.endEquityMicros - today.pnlMicros;
  return (
    <dl class="figures">
      <Figure
        name={`Equity${account === undefined ? '' : ` ${account.currency}`}`}
        value={formatMoney(account?.equityMicros)}
        {...(account?.complete === false ? { note: 'incomplete' } : {})}
        title="Cash and the market value of all positions at the newest prices"
      />
      <Figure
        name="Day P/L"
        value={formatGain(today?.pnlMicros)}
        note={formatShare(today?.pnlMicros, before)}
        tone={toneOf(today?.pnlMicros)}
        {...(today === undefined ? {} : { title: `Trade date ${today.tradeDate}` })}
      />
      <Figure
        name="Unrealised"
        value={formatGain(account?.unrealisedMicros)}
        tone={toneOf(account?.unrealisedMicros)}
      />
      <Figure
        name="Realised"
        value={formatGain(account?.realisedMicros)}
        tone={toneOf(account?.realisedMicros)}
      />
      <Figure name="Fees" value={formatMoney(account?.feesMicros)} />
      <Figure name="Cash" value={formatMoney(account?.cashMicros)} />
      <Figure
        name="Gross exposure"
        value={account === undefined ? NONE : formatMoney(gross)}
        note={formatShareOf(gross, account)}
      />
      <Figure name="Open orders" value={overview === undefined ? NONE : String(open)} />
    </dl>
  );
}

function grossOf(positions: Screen['state']['positions']): number {
  return positions.reduce((sum, one) => sum + Math.abs(one.marketValueMicros ?? 0), 0);
}

function formatShareOf(gross: number, account: Account | undefined): string {
  return formatShare(gross, account?.equityMicros).replace('+', '');
}
