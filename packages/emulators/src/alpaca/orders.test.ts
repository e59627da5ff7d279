import { afterEach, describe, expect, it } from 'vitest';
import type { AlpacaEmulator } from './alpaca-emulator.ts';
import { sdkOf, startAt } from './alpaca-sdk.test-support.ts';

let emulator: AlpacaEmulator;
afterEach(() => emulator.close());

describe('orders through the SDK', () => {
  it('fills a market order at the next trade', async () => {
    emulator = await startAt();
    const { trading } = sdkOf(emulator);
    const sent = await trading.orders.market({ symbol: 'AAPL', side: 'buy', qty: 3 });
    expect(sent.status).toBe('pending_new');
    expect((await trading.orders.getOrderByOrderID({ orderId: sent.id ?? '' })).status).toBe('new');
    emulator.control.step({ seconds: 6 });
    const filled = await trading.orders.getOrderByOrderID({ orderId: sent.id ?? '' });
    expect(filled.status).toBe('filled');
    const position = await trading.positions.getOpenPosition({ symbolOrAssetId: 'AAPL' });
    expect(position.qty).toBe('3');
    expect(position.avgEntryPrice).toBe(filled.filledAvgPrice);
    const account = await trading.account.getAccount();
    const spent = 100_000 - Number(account.cash);
    expect(spent).toBeCloseTo(3 * Number(filled.filledAvgPrice), 6);
  });
});
