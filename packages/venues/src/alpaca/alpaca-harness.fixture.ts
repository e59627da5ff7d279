import {
  InstrumentBook,
  type PriceNanos,
  parsePrice,
  priceNanos,
  timeUs,
  usEquity,
} from '@capstan/domain';
import {
  type AlpacaEmulator,
  type AlpacaEmulatorOptions,
  EMULATOR_KEYS,
  startAlpacaEmulator,
} from '@capstan/emulators';
import type { Clock } from '@capstan/ports';
import { MemoryLog } from '@capstan/testkit';
import { DRIVEN } from '../acceptance/driven.ts';
import type { Trouble, VenueHarness } from '../acceptance/harness.ts';
import { RequestBudget } from '../requests/request-budget.ts';
import { AlpacaBroker } from './alpaca-broker.ts';
import { alpacaEndpoints } from './connection.ts';
import { readAlpacaCredentials } from './credentials.ts';

/** A Tuesday, 10:30 in New York. */
const START_US = Date.UTC(2026, 0, 6, 15, 30) * 1_000;
/** Seven in the morning of the next day there. */
const EARLY_US = Date.UTC(2026, 0, 7, 12, 0) * 1_000;
const DAY_END_US = Date.UTC(2026, 0, 7, 1, 5) * 1_000;
const SYMBOL = 'SPY';
/** Far more than the emulator needs, and of a row that tries it, little. */
const TIMEOUT_MS = 10_000;
const FRACTIONAL = 'QQQ';
const ORDERS = '/v2/orders';
const CALLS = `/v2/options/contracts?underlying_symbols=${SYMBOL}&type=call&limit=60`;
const MANY = 10_000;

/** Real time to wait by, the emulator's to tell. */
export function emulatorClock(emulator: AlpacaEmulator): Clock {
  return {
    nowUs: () => timeUs(emulator.control.nowUs()),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}

export interface OpenOptions extends Pick<AlpacaEmulatorOptions, 'splits'> {
  readonly timeoutMs?: number;
  readonly extendedHours?: boolean;
}

/** Alpaca's adapter, through the vendor's client, before an emulated Alpaca. */
export async function openAlpaca({
  timeoutMs = TIMEOUT_MS,
  extendedHours = false,
  ...options
}: OpenOptions = {}): Promise<
  VenueHarness & { readonly emulator: AlpacaEmulator; readonly log: MemoryLog }
> {
  const emulator = await startAlpacaEmulator({
    ...options,
    clock: { kind: 'stepped', startUs: START_US },
    requestLimits: { trading: 10_000 },
  });
  const { control } = emulator;
  const clock = emulatorClock(emulator);
  const log = new MemoryLog();
  const environment = {
    ALPACA_BASE_URL: emulator.url,
    ALPACA_DATA_URL: emulator.url,
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
  };
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${emulator.url}${path}`, {
      method,
      headers: {
        'APCA-API-KEY-ID': EMULATOR_KEYS.keyId,
        'APCA-API-SECRET-KEY': EMULATOR_KEYS.secretKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.status === 204 ? undefined : await response.json();
  };
  const { option_contracts: contracts } = (await ask('GET', CALLS)) as {
    readonly option_contracts: readonly { readonly symbol: string }[];
  };
  const option = contracts.at(-1)?.symbol ?? '';
  const venue = new AlpacaBroker(
    { clock, log, budget: new RequestBudget(clock, { perMinute: 100_000 }) },
    {
      instruments: new InstrumentBook([
        usEquity(SYMBOL),
        { ...usEquity(FRACTIONAL), quantityScale: 3 },
        { ...usEquity(option), instrumentId: option, assetClass: 'option', multiplier: 100 },
      ]),
      endpoints: alpacaEndpoints(environment, 'paper'),
      credentials: readAlpacaCredentials(environment),
      timeoutMs,
      ...{ extendedHours, replaces: true },
      lookEveryMs: 300,
    },
  );
  const idOf = async (orderId: string): Promise<string> => {
    const path = `/v2/orders:by_client_order_id?client_order_id=${orderId}`;
    return ((await ask('GET', path)) as { id: string }).id;
  };
  return {
    ...{
      emulator,
      log,
      venue,
      accountId: 'main',
      runId: 'live',
      symbol: SYMBOL,
      fractional: FRACTIONAL,
      option,
    },
    abilities: DRIVEN.alpaca,
    nowUs: () => timeUs(control.nowUs()),
    lastPrice: () => lastPrice(emulator),
    pass: () => Promise.resolve(control.step(stepOf(emulator))),
    trouble: (trouble) => Promise.resolve(causeAt(emulator, trouble, timeoutMs)),
    heal: () => Promise.resolve(control.clear()),
    endDay: () => Promise.resolve(control.stepTo(DAY_END_US)),
    beforeOpen: () => Promise.resolve(control.stepTo(EARLY_US)),
    foreignOrder: async ({ side, quantity }) => {
      const order = { symbol: SYMBOL, side, qty: String(quantity), type: 'market' };
      await ask('POST', ORDERS, { ...order, time_in_force: 'day' });
    },
    foreignNotional: async (dollars) => {
      const order = { symbol: FRACTIONAL, side: 'buy', notional: String(dollars), type: 'market' };
      await ask('POST', ORDERS, { ...order, time_in_force: 'day' });
    },
    amend: async (orderId, limit: PriceNanos) => {
      await ask('PATCH', `${ORDERS}/${await idOf(orderId)}`, { limit_price: String(limit / 1e9) });
    },
    postCash: () => Promise.resolve(control.post({ kind: 'cash', type: 'INT', amount: 5 })),
    close: async () => {
      venue.close();
      await emulator.close();
    },
  };
}

/** A minute; a trade at a time where the market is thin. */
const stepOf = ({ control }: AlpacaEmulator) =>
  control.faults().some(({ kind }) => kind === 'thin') ? { seconds: 6 } : { minutes: 1 };

async function lastPrice({ url }: AlpacaEmulator): Promise<PriceNanos> {
  const response = await fetch(`${url}/v2/stocks/${SYMBOL}/bars?timeframe=1Min&limit=1&sort=desc`, {
    headers: {
      'APCA-API-KEY-ID': EMULATOR_KEYS.keyId,
      'APCA-API-SECRET-KEY': EMULATOR_KEYS.secretKey,
    },
  });
  const body = (await response.json()) as { bars?: readonly { c: number }[] };
  return body.bars?.[0] === undefined ? priceNanos(600e9) : parsePrice(String(body.bars[0].c));
}

function causeAt({ control }: AlpacaEmulator, trouble: Trouble, timeoutMs: number): void {
  const posting = { path: ORDERS, method: 'POST' };
  switch (trouble.kind) {
    case 'loseAnswer':
      control.fault({ kind: 'dropAfter', ...posting });
      break;
    case 'loseSend':
      control.fault({ kind: 'dropBefore', ...posting });
      break;
    case 'failAnswer':
      control.fault({ kind: 'status', status: 503, ...posting });
      break;
    case 'tooOften':
      control.fault({ kind: 'status', status: 429, retryAfterSeconds: 0, path: ORDERS });
      break;
    case 'slowAnswer':
      control.fault({ kind: 'slow', delayMs: timeoutMs * 2, ...posting });
      break;
    case 'cutAnswer':
      control.fault({ kind: 'truncatedJson', ...posting });
      break;
    case 'hideOrder':
      control.fault({ kind: 'hiddenByClientId' });
      break;
    case 'loseReplace':
      control.fault({ kind: 'dropAfter', path: ORDERS, method: 'PATCH' });
      break;
    case 'refuseReplace':
      control.fault({ kind: 'replaceRejected', symbol: SYMBOL });
      break;
    case 'fillRacesReplace':
      control.fault({ kind: 'replaceFillRace', symbol: SYMBOL });
      break;
    case 'dropStream':
      control.dropStreams('trading');
      break;
    case 'loseFill':
      control.fault({ kind: 'loseFill' });
      break;
    case 'repeatFrames':
      control.fault({ kind: 'duplicateFrames', times: MANY });
      break;
    case 'fillRacesCancel':
      control.fault({ kind: 'cancelFillRace', symbol: SYMBOL });
      break;
    case 'thinMarket':
      control.fault({ kind: 'thin', symbol: SYMBOL, units: trouble.units, times: MANY });
      break;
    case 'killKeys':
      control.fault({ kind: 'deadKey' });
      break;
    case 'clockOffset':
      control.fault({ kind: 'clockOffset', offsetSeconds: 180 });
      break;
    case 'halt':
      control.fault({ kind: 'halted', symbol: SYMBOL });
      break;
  }
}
