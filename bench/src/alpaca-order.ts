import {
  deriveId,
  InstrumentBook,
  type OrderTerms,
  parsePrice,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import { EMULATOR_KEYS } from '@capstan/emulators';
import type { VenueUpdates } from '@capstan/ports';
import { systemClock } from '@capstan/runtime';
import { brokerVendors, VenueEndpoints } from '@capstan/venues';
import type { Benchmark, Figure } from './benchmark.ts';
import { SILENT, startEmulatedAlpaca } from './emulated-alpaca.ts';
import { spreadOf } from './spread.ts';

const ORDERS = 400;
const WARM_UP = 50;
const EVERY_MS = 20;
const SYMBOL = 'AAPL';

/** How long Alpaca's own client and the adapter around it take for an order. */
export const alpacaOrderBenchmark: Benchmark = {
  name: 'alpaca-order',
  title:
    "an order placed at the emulated Alpaca by the vendor's client: accepted, and told by its stream",
  run: async ({ say }) => {
    const emulator = await startEmulatedAlpaca('running');
    try {
      const { accepted, told } = await placeOrders(emulator.url, say);
      return {
        benchmark: 'alpaca-order',
        how: `${ORDERS} limit orders, one each ${EVERY_MS} ms, at an emulated Alpaca in a process of its own on the same cores.`,
        figures: [
          ...figures('order placed to accepted', accepted),
          ...figures('order placed to its acceptance in the stream', told),
        ],
        notes: ['At the real Alpaca the way there and back comes on top.'],
      };
    } finally {
      emulator.kill();
    }
  },
};

function figures(what: string, values: readonly number[]): readonly Figure[] {
  const spread = spreadOf(values);
  return [
    { what: `${what}, p50`, value: spread.p50, unit: 'ms', spread },
    { what: `${what}, p99`, value: spread.p99, unit: 'ms' },
  ];
}

async function placeOrders(url: string, say: (line: string) => void) {
  const environment = {
    ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
    ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
    ALPACA_BASE_URL: url,
  };
  const vendors = brokerVendors(
    { clock: systemClock, log: SILENT, environment },
    {
      paper: { address: '', timeoutMs: 1 },
      alpaca: { requestsPerMinute: 1_000_000, share: 1 },
      instruments: new InstrumentBook([usEquity(SYMBOL)]),
    },
  );
  const endpoints = new VenueEndpoints(vendors, false);
  const venue = endpoints.of({ accountId: 'bench', venue: 'alpaca', mode: 'paper' });
  const sentMs = new Map<string, number>();
  const toldMs = new Map<string, number>();
  const updates = await venue.updates('bench', 0);
  const listening = listen(updates, toldMs);
  const accepted: number[] = [];
  for (let index = 0; index < ORDERS + WARM_UP; index += 1) {
    const order = limitOrder(index);
    const startMs = performance.now();
    sentMs.set(order.orderId, startMs);
    const answer = await venue.submit(order);
    if (answer.kind !== 'accepted') throw new Error(`order ${index}: ${JSON.stringify(answer)}`);
    if (index >= WARM_UP) accepted.push(performance.now() - startMs);
    await systemClock.sleep(EVERY_MS);
  }
  say(`${accepted.length} orders accepted, ${toldMs.size} told`);
  while (toldMs.size < ORDERS + WARM_UP) await systemClock.sleep(EVERY_MS);
  await updates.close();
  await listening;
  endpoints.close();
  const told = [...sentMs].slice(WARM_UP).map(([id, ms]) => (toldMs.get(id) ?? Number.NaN) - ms);
  return { accepted, told };
}

async function listen(updates: VenueUpdates, toldMs: Map<string, number>): Promise<void> {
  for (;;) {
    const batch = await updates.next();
    if (batch.length === 0) return;
    for (const update of batch) {
      if (update.kind !== 'event' || update.event.kind !== 'accepted') continue;
      const { orderId } = update.event;
      if (!toldMs.has(orderId)) toldMs.set(orderId, performance.now());
    }
  }
}

/** One far below the market, so that it only rests. */
function limitOrder(index: number): OrderTerms {
  return {
    orderId: deriveId('bench', index),
    intentId: `intent${index}`,
    ...{ runId: 'bench', accountId: 'bench', botId: 'bench', symbol: SYMBOL },
    ...{ side: 'buy', quantity: quantity(1), type: 'limit', limitPriceNanos: parsePrice('1') },
    ...{ timeInForce: 'day', reducing: false, leg: 0, attempt: 1 },
    decidedAtUs: timeUs(0),
    expiresAtUs: timeUs(Number.MAX_SAFE_INTEGER),
  };
}
