import { getCalendar } from '@capstan/calendar';
import { cashMicros } from '@capstan/domain';
import { expect, it } from 'vitest';
import { FaultBook } from '../control/faults.ts';
import { MarketPrices } from '../market/market-prices.ts';
import { MarketWorld } from '../market/market-world.ts';
import { AlpacaExchange } from './alpaca-exchange.ts';
import { askerOf, startAt } from './alpaca-sdk.test-support.ts';
import { readOrder } from './trading/order-request.ts';
import type { TradingAccount } from './trading/trading-account.ts';

const calendar = getCalendar('XNYS');
const splits = [{ symbol: 'AAPL', exDate: '2026-01-06', newShares: 3, oldShares: 1 }];
const world = new MarketWorld({ calendar, seed: 3, symbols: ['AAPL', 'KO', 'SPY'], splits });
const prices = new MarketPrices(world, calendar);
const at = (text: string): number => Date.parse(text) * 1_000;

function exchangeAt(text: string): { exchange: AlpacaExchange; account: TradingAccount } {
  const parts = { calendar, world, prices, faults: new FaultBook(), startUs: at(text) };
  const exchange = new AlpacaExchange(parts, [
    {
      ...{ accountId: 'A', accountNumber: 'PA1', cashMicros: cashMicros(1e12) },
      ...{ multiplier: 2, optionsLevel: 3 },
    },
  ]);
  const [account] = exchange.accounts;
  if (account === undefined) throw new Error('the exchange opened no account');
  return { exchange, account };
}

function buy(account: TradingAccount, symbol: string, atUs: number, more: object = {}): void {
  const body = { symbol, qty: '10', side: 'buy', type: 'market', time_in_force: 'day', ...more };
  account.submit(readOrder(body), atUs);
}

const rowsOf = (account: TradingAccount, type: string) =>
  account.book.activities.filter((row) => row.type === type).map(({ json }) => json);

it('splits what is held before the ex-date, and cancels orders on the old share count', () => {
  const start = '2026-01-05T20:50:00Z';
  const { exchange, account } = exchangeAt(start);
  buy(account, 'AAPL', at(start));
  buy(account, 'AAPL', at(start), { type: 'limit', limit_price: '1', time_in_force: 'gtc' });
  exchange.advance(at('2026-01-05T22:00:00Z'));
  const before = account.book.positions.get('AAPL');
  exchange.advance(at('2026-01-06T14:00:00Z'));
  const after = account.book.positions.get('AAPL');
  expect(after?.quantity).toBe(30e9);
  expect(after?.costMicros).toBe(before?.costMicros);
  expect(rowsOf(account, 'SPLIT')).toMatchObject([{ symbol: 'AAPL', qty: '20', net_amount: '0' }]);
  expect(account.orders.open()).toEqual([]);
  expect(account.orders.all().map(({ status }) => status)).toEqual(['filled', 'canceled']);
});

it('pays a dividend to who held before the ex-date, on its pay date', () => {
  const dividend = world
    .actions('KO')
    .find(({ kind, index }) => kind === 'dividend' && index > 2_000);
  if (dividend?.kind !== 'dividend') throw new Error('KO pays dividends');
  const day = world.days.at(dividend.index - 1);
  const { exchange, account } = exchangeAt(new Date(day.openUs / 1_000).toISOString());
  buy(account, 'KO', day.openUs);
  exchange.advance(day.closeUs);
  const { cashMicros: cash } = account.book;
  const payDay = world.days.at(dividend.payIndex);
  exchange.advance(payDay.midnightUs);
  expect(account.book.cashMicros).toBe(cash);
  exchange.advance(payDay.openUs);
  expect(account.book.cashMicros - cash).toBe(Math.round(dividend.perShare * 10 * 1e6));
  expect(rowsOf(account, 'DIV')).toMatchObject([
    { symbol: 'KO', qty: '10', per_share_amount: String(dividend.perShare) },
  ]);
});

it.each([
  ['deep in the money, is exercised at its strike', 0.9, 'OPEXC', 100],
  ['far out of it, is worth nothing', 1.1, 'OPEXP', 0],
] as const)('a call that expires %s', (_what, share, type, shares) => {
  const start = '2026-01-09T15:00:00Z';
  const { exchange, account } = exchangeAt(start);
  const strike = Math.round((prices.lastNanos('SPY', at(start)) / 1e9) * share);
  const symbol = `SPY260109C${String(strike * 1_000).padStart(8, '0')}`;
  buy(account, symbol, at(start), { qty: '1' });
  exchange.advance(at('2026-01-09T20:59:00Z'));
  const { cashMicros: cash } = account.book;
  expect(account.book.held(symbol)).toBe(1e9);
  exchange.advance(at('2026-01-09T21:00:00Z'));
  expect(account.book.held(symbol)).toBe(0);
  expect(account.book.held('SPY')).toBe(shares * 1e9);
  expect(cash - account.book.cashMicros).toBe(shares * strike * 1e6);
  expect(rowsOf(account, type)).toMatchObject([{ symbol, qty: '-1', net_amount: '0' }]);
  expect(rowsOf(account, 'OPTRD')).toHaveLength(shares === 0 ? 0 : 1);
});

it('exercises what is held when asked, and lets end what is to be kept', () => {
  const start = '2026-01-09T15:00:00Z';
  const { exchange, account } = exchangeAt(start);
  const strike = Math.round((prices.lastNanos('SPY', at(start)) / 1e9) * 0.9);
  const [first, second] = ['SPY260109C', 'SPY260116C'].map(
    (head) => `${head}${String(strike * 1_000).padStart(8, '0')}`,
  ) as [string, string];
  for (const symbol of [first, second]) buy(account, symbol, at(start), { qty: '1' });
  expect(() => account.options.exercise(first, at(start))).toThrow(/held/);
  exchange.advance(at('2026-01-09T15:01:00Z'));
  account.options.keep(first);
  account.options.exercise(second, exchange.nowUs);
  expect(account.book.held('SPY')).toBe(100e9);
  exchange.advance(at('2026-01-09T21:00:00Z'));
  expect(account.book.open().map(([symbol]) => symbol)).toEqual(['SPY']);
  expect(account.book.held('SPY')).toBe(100e9);
  expect(rowsOf(account, 'OPEXP')).toMatchObject([{ symbol: first }]);
});

it('tells them as history does: raw bars jump, bars restated by splits do not', async () => {
  const startUs = at('2026-01-07T15:00:00Z');
  const emulator = await startAt({ symbols: ['AAPL'], seed: 3, splits }, startUs);
  const ask = askerOf(emulator);
  const { body } = await ask(
    'GET',
    '/v1/corporate-actions?symbols=AAPL&start=2026-01-01&end=2026-01-31',
  );
  expect(body.corporate_actions.forward_splits).toMatchObject([
    { symbol: 'AAPL', ex_date: '2026-01-06', new_rate: 3, old_rate: 1 },
  ]);
  const closes = async (adjustment: string): Promise<number[]> => {
    const query = `timeframe=1Day&start=2026-01-05&end=2026-01-06T23:00:00Z&adjustment=${adjustment}`;
    const answer = await ask('GET', `/v2/stocks/bars?symbols=AAPL&${query}`);
    return answer.body.bars.AAPL.map((bar: { c: number }) => bar.c);
  };
  const [raw, split] = [await closes('raw'), await closes('split')];
  expect((raw[0] ?? 0) / (raw[1] ?? 1)).toBeGreaterThan(2.5);
  expect(split[0]).toBeCloseTo((raw[0] ?? 0) / 3, 3);
  expect(split[1]).toBe(raw[1]);
  await emulator.close();
});
