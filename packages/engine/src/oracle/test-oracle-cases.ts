import { CalendarBook, dayNumber, newYorkTimeUs } from '@capstan/calendar';
import { US_PER_MINUTE } from '@capstan/domain';
import { sessionsOf } from './test-oracle-engine.ts';
import type { OracleBar, OracleRules, OracleSymbol, OracleWant } from './test-oracle-model.ts';

/** A dollar of price. */
const DOLLAR = 1_000_000_000;
const OPEN = 9 * 60 + 30;
/** New York in summer. */
export const NEW_YORK = -4 * 60;

/** Prices in dollars as nanos, to the tenth of a cent. */
export const usd = (dollars: number): bigint =>
  BigInt(Math.round(dollars * 1_000)) * BigInt(DOLLAR / 1_000);

/** Cash in dollars as micros, to the cent. */
export const cash = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * 10_000n;

type Prices = Partial<Record<'limit' | 'entryStop' | 'stop' | 'target' | 'trail', number>>;

/** Says what is wanted, with prices in dollars. */
export function want(
  direction: OracleWant['direction'],
  { limit, entryStop, stop, target, trail }: Prices = {},
  timeInForce?: OracleWant['timeInForce'],
): OracleWant {
  return {
    direction,
    strength: 1_000_000n,
    ...(limit === undefined ? {} : { limit: usd(limit) }),
    ...(entryStop === undefined ? {} : { entryStop: usd(entryStop) }),
    ...(stop === undefined ? {} : { stop: usd(stop) }),
    ...(target === undefined ? {} : { target: usd(target) }),
    ...(trail === undefined ? {} : { trail: usd(trail) }),
    ...(timeInForce === undefined ? {} : { timeInForce }),
  };
}

/** A bar of a table: open, high, low, close in dollars, what is wanted at its close, and its volume. */
export type Row = readonly [
  open: number,
  high: number,
  low: number,
  close: number,
  wanted?: OracleWant | undefined,
  volume?: number,
];

/** Where a table's bars lie: minutes from the open of a session, or whole sessions from a date on. */
export type Grid =
  | { readonly kind: 'minutes'; readonly date: string; readonly fromMinute?: number }
  | { readonly kind: 'days'; readonly date: string };

export const MINUTES: Grid = { kind: 'minutes', date: '2024-07-02' };

/** Makes a symbol of a table. */
export function table(
  symbol: string,
  rows: readonly Row[],
  { grid = MINUTES, ...more }: Partial<OracleSymbol> & { readonly grid?: Grid } = {},
): OracleSymbol {
  const sessions = sessionsOf(new CalendarBook().get('XNYS'), grid.date, rows.length + 10);
  const bars = rows.map(([open, high, low, close, , volume = 1_000_000], row): OracleBar => {
    const prices = { open: usd(open), high: usd(high), low: usd(low), close: usd(close) };
    const session = sessions[row];
    if (grid.kind === 'days') {
      const { openUs = 0, closeUs = 0 } = session ?? {};
      return { startUs: openUs, endUs: closeUs, ...prices, volume: BigInt(volume) };
    }
    const minute = OPEN + (grid.fromMinute ?? 0) + row;
    const startUs = newYorkTimeUs(dayNumber(grid.date), minute);
    return { startUs, endUs: startUs + US_PER_MINUTE, ...prices, volume: BigInt(volume) };
  });
  return {
    ...{ bot: 'bot', symbol, tick: usd(0.01), lot: 1n, unit: 1n, multiplier: 1n, isFuture: false },
    ...{ calendar: 'XNYS', offsetMinutes: NEW_YORK, bars, sessions, actions: [] },
    wants: rows.map(([, , , , wanted]) => wanted),
    ...more,
  };
}

/** A hundred shares out of 100,000 dollars, without policies, costs or slippage. */
export const PLAIN: OracleRules = {
  cash: cash(100_000),
  sizing: { kind: 'fixed', quantity: 100n },
  ...{ policies: [], bufferBps: 0n, denyAtClose: false, haltFor: 'run' },
  ...{ limitFill: 'through', commission: { kind: 'none' }, slippageRate: 0n, slippageTicks: 0n },
  ...{ fillAt: 'nextOpen', closeAtEnd: false },
};
