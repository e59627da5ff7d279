import { getCalendar } from '@capstan/calendar';
import { decodeBarsClosed, subjects } from '@capstan/contracts';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { Stack } from '@capstan/e2e';
import { waitUntil } from '@capstan/embedded';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import { MARKET_TIME, MarketTime, marketTimeText } from '@capstan/runtime';
import type { Benchmark, Figure, RunOptions } from './benchmark.ts';
import { openBus } from './bus-reading.ts';
import { profiled } from './profiled.ts';
import { spreadOf } from './spread.ts';

const SYMBOLS = ['SPY', ...Array.from({ length: 1_999 }, (_, index) => `S${index}`)];
/** How many times faster than the wall's clock the market goes: a minute takes three seconds. */
const SPEED = 20;
const MINUTES = 20;
/** How long bars of a minute are waited for, by the market's clock: not every symbol trades in each. */
const GRACE_MS = 10_000;
/** Minutes that the feed misses. */
const MISSED = 10;
/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
const WAIT_MS = 120_000;
const KEY = 'feed/live';
/** A refusal that says nothing of keys or plans: it is tried again. */
const SLOW_CLIENT = 407;

/** How fast what a vendor streams is on the bus, and how fast a feed that was away has caught up. */
export const liveFeedBenchmark: Benchmark = {
  name: 'live-feed',
  title:
    'what an emulated Alpaca streams of 2,000 symbols → on the bus, journaled; a feed that was away → caught up',
  run: async (options) => {
    const { say } = options;
    const startWallUs = Date.now() * 1_000;
    const started = { startUs: TEN_US, wallUs: timeUs(startWallUs), speed: SPEED };
    const time = new MarketTime(started, getCalendar('XNYS'), () => Date.now() * 1_000);
    const emulator = await startAlpacaEmulator({
      clock: { kind: 'given', nowUs: () => time.nowUs() },
      symbols: SYMBOLS,
      streamConnections: 2,
      requestLimits: { data: 1_000_000, trading: 1_000_000 },
    });
    const stack = await startFeed(emulator, marketTimeText(started), options);
    const bus = await openBus(stack.servers.nats.url);
    try {
      const closings = () => readClosings(bus);
      say('live-feed: the first slice');
      await until(async () => (await closings()).length > 2, stack);
      const heard = await listen(emulator);
      say(`live-feed: ${MINUTES} minutes`);
      const count = (await closings()).length + MINUTES;
      await until(async () => (await closings()).length >= count, stack);
      heard.close();
      const wallUsOf = (us: number) => startWallUs + (us - TEN_US) / SPEED;
      const streamed = streamFigures(heard.minutes, await closings(), wallUsOf);
      say('live-feed: the network is away');
      const reconnected = await reconnectFigures({ emulator, time, closings, stack });
      say('live-feed: away');
      await stack.kill('market-data');
      const killedUs = time.nowUs();
      await until(async () => time.nowUs() > killedUs + MISSED * US_PER_MINUTE, stack);
      const backMs = Date.now();
      await stack.service('market-data').start();
      const caughtUp = await caughtUpAt(time, closings, stack);
      const figures: Figure[] = [
        ...streamed,
        ...reconnected,
        {
          what: `started again after ${MISSED} minutes of ${SYMBOLS.length} symbols → caught up`,
          value: (caughtUp - backMs) / 1_000,
          unit: 's',
        },
      ];
      return { benchmark: 'live-feed', how: HOW, figures, notes: NOTES };
    } finally {
      await stack.stop();
      await bus.close();
      await emulator.close();
    }
  },
};

const HOW =
  `${SYMBOLS.length} symbols with a bar in nearly every minute, ${SPEED} times faster than the clock on the wall; market-data, NATS and PostgreSQL are processes of their own, and the vendor's own client reads ` +
  "msgpack over a WebSocket. Times are taken where another client beside it hears a minute's bars, and where the bus stores them; a minute is one commit. The feed that was away " +
  'begins as a process, fetches what it missed from history and publishes it in order, until it is no more than a minute behind.';

const NOTES = [
  'The emulator and the client beside work on the same cores, in the process of the benchmark: what they take is in the figures.',
];

function startFeed(
  emulator: AlpacaEmulator,
  marketTime: string,
  options: RunOptions,
): Promise<Stack> {
  return Stack.start({
    services: ['market-data'],
    config: {
      run: { id: 'bench' },
      log: { level: 'info' },
      feeds: [
        {
          ...{ kind: 'venue', feed: 'live', provider: 'alpaca', source: 'sip' },
          ...{ symbols: SYMBOLS, historySessions: 0, requestsPerMinute: 100_000 },
          ...{ graceMs: GRACE_MS, settleMs: 5_000 },
        },
      ],
    },
    environmentOf: (name) => ({
      ...profiled(name, options),
      [MARKET_TIME]: marketTime,
      ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
      ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
      ALPACA_BASE_URL: emulator.url,
      ALPACA_DATA_URL: emulator.url,
      ALPACA_DATA_STREAM_URL: emulator.dataStreamUrl,
    }),
  });
}

interface Closing {
  readonly endUs: number;
  readonly bars: number;
  readonly storedUs: number;
}

async function readClosings({
  bus,
}: Awaited<ReturnType<typeof openBus>>): Promise<readonly Closing[]> {
  const { lastSequence } = await bus.streamState('MARKET');
  const newest = await bus.newest('MARKET', subjects.barsClosed('live'));
  if (lastSequence === 0 || newest === undefined) return [];
  const reading = await bus.subscribe({
    stream: 'MARKET',
    filters: [subjects.barsClosed('live')],
    afterSequence: 0,
  });
  const found: Closing[] = [];
  try {
    for (let through = 0; through < newest.sequence; ) {
      for (const { data, sequence, storedAtUs } of await reading.next()) {
        const { endUs, symbols } = decodeBarsClosed(data);
        found.push({ endUs, bars: symbols.length, storedUs: storedAtUs });
        through = sequence;
      }
    }
  } finally {
    await reading.close();
  }
  return found;
}

/** When a client beside the feed heard the last bar of a minute, in microseconds of this machine's clock. */
interface HeardMinute {
  readonly lastUs: number;
}

interface Frame {
  readonly T: string;
  readonly msg?: string;
  readonly t?: string;
}

/** Listens to the vendor's stream beside the feed. */
async function listen(emulator: AlpacaEmulator) {
  const minutes = new Map<number, HeardMinute>();
  const socket = new WebSocket(`${emulator.dataStreamUrl}/v2/sip`);
  const ready = Promise.withResolvers<void>();
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.addEventListener('error', () => ready.reject(new Error('no stream beside the feed')));
  socket.addEventListener('message', ({ data }) => {
    const nowUs = (performance.timeOrigin + performance.now()) * 1_000;
    for (const { T, msg, t = '' } of JSON.parse(String(data)) as Frame[]) {
      if (msg === 'connected') {
        send({ action: 'auth', key: EMULATOR_KEYS.keyId, secret: EMULATOR_KEYS.secretKey });
      } else if (msg === 'authenticated') send({ action: 'subscribe', bars: SYMBOLS });
      else if (T === 'subscription') ready.resolve();
      if (T !== 'b') continue;
      const endUs = Date.parse(t) * 1_000 + US_PER_MINUTE;
      minutes.set(endUs, { lastUs: nowUs });
    }
  });
  await ready.promise;
  return { minutes, close: () => socket.close() };
}

function streamFigures(
  minutes: ReadonlyMap<number, HeardMinute>,
  closings: readonly Closing[],
  wallUsOf: (us: number) => number,
): readonly Figure[] {
  const told = closings.flatMap(({ endUs, storedUs, bars }) => {
    const heard = minutes.get(endUs);
    if (heard === undefined) return [];
    // Where a symbol has not traded the slice waits for its grace.
    const dueUs = Math.max(heard.lastUs, wallUsOf(endUs + GRACE_MS * 1_000));
    return [{ bars, tookUs: storedUs - dueUs }];
  });
  const took = spreadOf(told.map(({ tookUs }) => tookUs / 1_000));
  const sorted = told.map(({ bars, tookUs }) => (bars / tookUs) * 1e6).sort((a, b) => a - b);
  return [
    {
      what: `a minute's bars journaled and published, the middle of ${told.length} minutes`,
      value: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
      unit: 'messages/s',
    },
    {
      what: 'all bars heard and grace over → slice closed on the bus, p50',
      value: took.p50,
      unit: 'ms',
    },
    {
      what: 'all bars heard and grace over → slice closed on the bus, p99',
      value: took.p99,
      unit: 'ms',
      spread: took,
    },
  ];
}

/** Lets the stream break off and nothing be reached for a while; from when all can be reached again it is counted. */
async function reconnectFigures({
  emulator,
  time,
  closings,
  stack,
}: {
  readonly emulator: AlpacaEmulator;
  readonly time: MarketTime;
  readonly closings: () => Promise<readonly Closing[]>;
  readonly stack: Stack;
}): Promise<readonly Figure[]> {
  const { control } = emulator;
  const brokenUs = time.nowUs();
  control.fault({ kind: 'dropBefore', seconds: WAIT_MS });
  control.fault({ kind: 'refuseStream', code: SLOW_CLIENT });
  control.dropStreams('data');
  await until(async () => time.nowUs() > brokenUs + MISSED * US_PER_MINUTE, stack);
  control.clear();
  const backMs = Date.now();
  await until(async () => control.connections().data > 0, stack);
  const connectedMs = Date.now();
  const caughtUpMs = await caughtUpAt(time, closings, stack);
  const of = `${MISSED} minutes of ${SYMBOLS.length} symbols`;
  return [
    {
      what: `a network that was away for ${of} is back → the stream is connected again`,
      value: (connectedMs - backMs) / 1_000,
      unit: 's',
    },
    {
      what: `the same → caught up, the minutes from history first`,
      value: (caughtUpMs - backMs) / 1_000,
      unit: 's',
    },
  ];
}

/** Waits until the feed is no more than a minute behind. @returns when that was, in milliseconds of this machine's clock. */
async function caughtUpAt(
  time: MarketTime,
  closings: () => Promise<readonly Closing[]>,
  stack: Stack,
): Promise<number> {
  let newest: Closing | undefined;
  await until(async () => {
    newest = (await closings()).at(-1);
    return (newest?.endUs ?? 0) >= time.nowUs() - 2 * US_PER_MINUTE;
  }, stack);
  return (newest?.storedUs ?? Number.NaN) / 1_000;
}

async function until(isSo: () => Promise<boolean>, stack: Stack): Promise<void> {
  if (await waitUntil(isSo, WAIT_MS)) return;
  throw new Error(`${KEY} does not get on:\n${await stack.logs(40)}`);
}
