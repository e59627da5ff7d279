import { beforeEach, expect, test } from 'vitest';
import { type Answer, GatewayClient } from '../gateway-client.ts';
import { haltSymbol } from './halt.ts';

/** A gateway whose accounts keep the lists that they are given. */
class FakeGateway extends GatewayClient {
  readonly limits: Record<string, Record<string, unknown>> = {
    live: { haltedSymbols: ['TSLA'] },
    paper: {},
  };
  readonly posted: unknown[] = [];

  constructor() {
    super({ url: 'http://127.0.0.1:1', token: '' });
  }

  override get(path: string): Promise<Answer> {
    const accounts = Object.keys(this.limits).map((accountId) => ({ accountId }));
    const instruments = ['SPY', 'TSLA'].map((symbol) => ({ symbol }));
    const of = this.limits[path.split('/').at(-1) ?? ''];
    return Promise.resolve(path === '/api/overview' ? { accounts, instruments } : { limits: of });
  }

  override post(path: string, body: { readonly set?: object } = {}): Promise<Answer> {
    const accountId = path.split('/').at(-1) ?? '';
    this.posted.push([accountId, body.set]);
    this.limits[accountId] = { ...this.limits[accountId], ...body.set };
    return Promise.resolve({ message: 'done.' });
  }
}

let gateway: FakeGateway;
beforeEach(() => {
  gateway = new FakeGateway();
});

test('a symbol is halted for every account, beside those that are, and once', async () => {
  expect(await haltSymbol(gateway, { symbol: 'SPY', halts: true })).toEqual([
    'live: haltedSymbols TSLA, SPY: done.',
    'paper: haltedSymbols SPY: done.',
  ]);
  expect(await haltSymbol(gateway, { symbol: 'SPY', halts: true, account: 'live' })).toEqual([
    'live: haltedSymbols: SPY is there already.',
  ]);
  expect(gateway.posted).toHaveLength(2);
});

test('a halt is ended where there is one, and the last leaves no list', async () => {
  expect(await haltSymbol(gateway, { symbol: 'TSLA', halts: false })).toEqual([
    'live: haltedSymbols none: done.',
    'paper: haltedSymbols: TSLA is not there.',
  ]);
  expect(gateway.posted).toEqual([['live', { haltedSymbols: null }]]);
});

test('short sales alone have a list of their own', async () => {
  await haltSymbol(gateway, { symbol: 'SPY', halts: true, account: 'paper', shortSales: true });
  expect(gateway.posted).toEqual([['paper', { shortRestrictedSymbols: ['SPY'] }]]);
});

test('what is not there is refused, with what is', async () => {
  await expect(haltSymbol(gateway, { symbol: 'SPYY', halts: true })).rejects.toThrow(
    "There is no symbol 'SPYY'. Known: SPY, TSLA.",
  );
  const elsewhere = { symbol: 'SPY', halts: true, account: 'x' };
  await expect(haltSymbol(gateway, elsewhere)).rejects.toThrow("There is no account 'x'.");
  expect(gateway.posted).toEqual([]);
});
