import { AppError } from '@capstan/domain';
import { describe, expect, test } from 'vitest';
import { GatewayClient } from '../gateway-client.ts';
import { runCli } from '../program.ts';
import { changesOf, resultText, scopeOf } from './order-changes.ts';

/** A gateway that knows one working order of a symbol with two decimals. */
class FakeGateway extends GatewayClient {
  constructor() {
    super({ url: 'http://127.0.0.1:1', token: '' });
  }

  override get(path: string) {
    return Promise.resolve<Readonly<Record<string, unknown>>>(
      path === '/api/orders'
        ? { orders: [{ orderId: 'a', symbol: 'BTC', accountId: 'paper' }] }
        : { instruments: [{ symbol: 'BTC', quantityScale: 2 }] },
    );
  }
}

async function run(...args: readonly string[]) {
  let err = '';
  let out = '';
  const code = await runCli(args, {
    out: (text) => {
      out += `${text}\n`;
    },
    err: (text) => {
      err += `${text}\n`;
    },
    isTerminal: false,
  });
  return { code, err, out };
}

describe('which orders are meant', () => {
  test('is what is named, or all where that is said', () => {
    expect(scopeOf({ bot: 'trend', symbol: 'SPY' }, 'cancel')).toEqual({
      bot: 'trend',
      symbol: 'SPY',
    });
    expect(scopeOf({ all: true }, 'cancel')).toEqual({ all: true });
  });

  test.each([[{}], [{ all: true, bot: 'trend' }]])('is never guessed: %j', (options) => {
    expect(() => scopeOf(options, 'flatten')).toThrow(AppError);
  });

  test.each([
    [['cancel'], /Name an order, a --bot/],
    [['cancel', 'a', '--all'], /An order and a wider choice/],
    [['flatten'], /capstan flatten --all/],
    [['flatten', '--bot', 'trend'], /Add --yes/],
    [['orders', 'resolve', 'a'], /--as <what>/],
    [['orders', 'resolve', 'a', '--as', 'filled'], /Add --price/],
    [['orders', 'resolve', 'a', '--as', 'gone'], /filled, absent/],
  ] as const)('%j is a wrong call', async (args, what) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toMatch(what);
  });

  test.each([[['cancel']], [['flatten']], [['orders', 'replace']], [['orders', 'resolve']]])(
    '%j --help has examples',
    async (args) => {
      expect((await run(...args, '--help')).out).toMatch(/Examples?:/);
    },
  );
});

test('quantities are in units of the instrument, prices in its currency', async () => {
  expect(
    await changesOf(new FakeGateway(), 'a', { quantity: '1.25', limit: '101.5', stop: '99' }),
  ).toEqual({
    account: 'paper',
    quantity: 125,
    limitPriceNanos: 101_500_000_000,
    stopPriceNanos: 99_000_000_000,
  });
  expect(await changesOf(new FakeGateway(), 'a', { price: '7' })).toEqual({
    account: 'paper',
    priceNanos: 7_000_000_000,
  });
  await expect(changesOf(new FakeGateway(), 'z', {})).rejects.toThrow(/No working order/);
  await expect(changesOf(new FakeGateway(), 'a', { quantity: '1.255' })).rejects.toThrow(AppError);
});

test('what became of it is told, one line an account', () => {
  expect(resultText({ message: 'the venue was asked to cancel it.' })).toBe(
    'the venue was asked to cancel it.',
  );
  const results = [
    { accountId: 'paper', applied: true, message: 'nothing works there.' },
    { accountId: 'other', applied: false, message: 'not now.' },
  ];
  expect(resultText({ results })).toBe('paper: nothing works there.\nother: refused: not now.');
});
