import { timeUs } from '@capstan/domain';
import { MemoryLog, VirtualClock } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import {
  MARKET_DATA_PROVIDERS,
  type MarketDataSettings,
  openMarketData,
} from './open-market-data.ts';
import type { Environment } from './secret-source.ts';

const KEYS: Environment = {
  ALPACA_KEY_ID: 'PK',
  ALPACA_SECRET_KEY: 's',
  POLYGON_API_KEY: 'k',
  POLYGON_S3_ACCESS_KEY_ID: 'a',
  POLYGON_S3_SECRET_ACCESS_KEY: 'b',
};
const ports = { clock: new VirtualClock(timeUs(0)), log: new MemoryLog() };
const alpaca = (environment: Environment, settings: MarketDataSettings = {}) =>
  openMarketData('alpaca', { ...KEYS, ...environment }, settings, ports);

describe('a vendor of market data', () => {
  it.each(MARKET_DATA_PROVIDERS)('is opened by its name: %s', async (provider) => {
    const venue = await openMarketData(provider, KEYS, {}, ports);
    expect(venue.capabilities.timeframes).toContain('1d');
    venue.close();
  });

  it('without its keys says which are missing', async () => {
    const failing = openMarketData('alpaca', {}, {}, ports);
    await expect(failing).rejects.toThrow(/ALPACA_KEY_ID and ALPACA_SECRET_KEY are not set/);
  });

  it('may be read with keys of either mode of trading', async () => {
    for (const host of ['https://api.alpaca.markets', 'https://paper-api.alpaca.markets/v2']) {
      await expect(alpaca({ ALPACA_BASE_URL: host })).resolves.toBeDefined();
    }
  });

  it('has the feeds that it has', async () => {
    expect((await alpaca({}, { stream: 'poll' })).capabilities.streams).toEqual(['bars']);
    await expect(alpaca({}, { feed: 'cta' })).rejects.toThrow(/'feed' is 'cta'.*iex, sip/);
    const yahoo = openMarketData('yahoo', {}, { feed: 'sip' }, ports);
    await expect(yahoo).rejects.toThrow(/no feeds to choose from/);
  });
});
