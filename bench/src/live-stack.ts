import { getCalendar } from '@capstan/calendar';
import { timeUs } from '@capstan/domain';
import { Stack } from '@capstan/e2e';
import { waitUntil } from '@capstan/embedded';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import type { Bus } from '@capstan/ports';
import { MARKET_TIME, MarketTime, marketTimeText } from '@capstan/runtime';
import type { RunOptions } from './benchmark.ts';
import { openBus } from './bus-reading.ts';
import { LIVE_SYMBOLS } from './live-symbols.ts';
import { profiled } from './profiled.ts';

export const LIVE_SERVICE = 'market-data';
/** How many times faster than the wall's clock the market goes: a minute takes three seconds. */
export const LIVE_SPEED = 20;
/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const WAIT_MS = 120_000;

/** market-data over an emulated Alpaca, whose market goes faster than the wall's clock. */
export interface LiveStack {
  readonly emulator: AlpacaEmulator;
  readonly time: MarketTime;
  readonly stack: Stack;
  readonly bus: Bus;
  /** When it is a time of the market, in microseconds of this machine's clock. */
  readonly wallUsOf: (us: number) => number;
  /** @throws Error with the log where it does not become so. */
  readonly until: (isSo: () => Promise<boolean> | boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts it. @param feed more keys of the feed. @param streamUrl of the stream, the emulator's own unless given. */
export async function startLiveStack(
  options: RunOptions,
  feed: Readonly<Record<string, unknown>>,
  streamUrl?: string,
): Promise<LiveStack> {
  const wallUs = timeUs(Date.now() * 1_000);
  const started = { startUs: TEN_US, wallUs, speed: LIVE_SPEED };
  const time = new MarketTime(started, getCalendar('XNYS'), () => Date.now() * 1_000);
  const emulator = await startAlpacaEmulator({
    clock: { kind: 'given', nowUs: () => time.nowUs() },
    symbols: LIVE_SYMBOLS,
    streamConnections: 2,
    requestLimits: { data: 1_000_000, trading: 1_000_000 },
  });
  const environment = {
    [MARKET_TIME]: marketTimeText(started),
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
    ALPACA_DATA_STREAM_URL: streamUrl ?? emulator.dataStreamUrl,
  };
  const live = { kind: 'venue', feed: 'live', provider: 'alpaca', source: 'sip' };
  const asked = { symbols: LIVE_SYMBOLS, historySessions: 0, requestsPerMinute: 100_000 };
  const stack = await Stack.start({
    services: [LIVE_SERVICE],
    config: {
      run: { id: 'bench' },
      log: { level: 'info' },
      feeds: [{ ...live, ...asked, settleMs: 5_000, ...feed }],
    },
    environmentOf: (name) => ({ ...environment, ...profiled(name, options) }),
  });
  const { bus, close } = await openBus(stack.servers.nats.url);
  return {
    ...{ emulator, time, stack, bus },
    wallUsOf: (us) => wallUs + (us - TEN_US) / LIVE_SPEED,
    until: async (isSo) => {
      if (await waitUntil(async () => isSo(), WAIT_MS)) return;
      throw new Error(`the feed does not get on:\n${await stack.logs(40)}`);
    },
    stop: async () => {
      await stack.stop();
      await close();
      await emulator.close();
    },
  };
}
