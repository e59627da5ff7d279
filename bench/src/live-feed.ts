import { decodeBarsClosed, subjects } from '@capstan/contracts';
import { US_PER_MINUTE } from '@capstan/domain';
import { type AlpacaEmulator, EMULATOR_KEYS } from '@capstan/emulators';
import type { Bus } from '@capstan/ports';
import type { Benchmark, Figure } from './benchmark.ts';
import { LIVE_SERVICE, LIVE_SPEED, type LiveStack, startLiveStack } from './live-stack.ts';
import { LIVE_SYMBOLS } from './live-symbols.ts';
import { spreadOf } from './spread.ts';

const MINUTES = 20;
/** How long bars of a minute are waited for, by the market's clock: not every symbol trades in each. */
const GRACE_MS = 10_000;
/** Minutes that the feed misses. */
const MISSED = 10;
const AWAY_SECONDS = 3_600;
/** A refusal that says nothing of keys or plans: it is tried again. */
const SLOW_CLIENT = 407;

/** How fast what a vendor streams is on the bus, and how fast a feed that was away has caught up. */
export const liveFeedBenchmark: Benchmark = {
  name: 'live-feed',
  title:
    'what an emulated Alpaca streams of 2,000 symbols → on the bus, journaled; a feed that was away → caught up',
  run: async (options) => {
    const { say } = options;
    const live = await startLiveStack(options, { graceMs: GRACE_MS });
    try {
      const count = async () => (await readClosings(live.bus)).length;
      say('the first slice');
      await live.until(async () => (await count()) > 2);
      const heard = await listen(live.emulator);
      say(`${MINUTES} minutes`);
      const through = (await count()) + MINUTES;
      await live.until(async () => (await count()) >= through);
      heard.close();
      const streamed = streamFigures(heard.minutes, await readClosings(live.bus), live.wallUsOf);
      say('the network is away');
      const reconnected = await reconnectFigures(live);
      say('the process is away');
      const figures = [...streamed, ...reconnected, await restartFigure(live)];
      return { benchmark: 'live-feed', how: HOW, figures, notes: NOTES };
    } finally {
      await live.stop();
    }
  },
};

const HOW =
  `${LIVE_SYMBOLS.length} symbols with a bar in nearly every minute, ${LIVE_SPEED} times faster than the clock on the wall; market-data, NATS and PostgreSQL are processes of their own, and the vendor's own client reads ` +
  "msgpack over a WebSocket. Times are taken where another client beside it hears a minute's bars, and where the bus stores them; a minute is one commit. A network that was away refuses all " +
  'requests and the stream; a feed that was away begins as a process. Both fetch what they missed from history and publish it in order; caught up is who is no more than a minute behind.';

const NOTES = [
  'The emulator and the client beside work on the same cores, in the process of the benchmark: what they take is in the figures.',
  `The feed waits by the market's clock, so that the time until a try finds the network back is ${LIVE_SPEED} times as short here: it is half a minute at most.`,
];

interface Closing {
  readonly endUs: number;
  readonly bars: number;
  readonly storedUs: number;
}

async function readClosings(bus: Bus): Promise<readonly Closing[]> {
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
      } else if (msg === 'authenticated') send({ action: 'subscribe', bars: LIVE_SYMBOLS });
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
async function reconnectFigures(live: LiveStack): Promise<readonly Figure[]> {
  const { emulator, time, until } = live;
  const { control } = emulator;
  const brokenUs = time.nowUs();
  control.fault({ kind: 'dropBefore', seconds: AWAY_SECONDS });
  control.fault({ kind: 'refuseStream', code: SLOW_CLIENT });
  control.dropStreams('data');
  await until(() => time.nowUs() > brokenUs + MISSED * US_PER_MINUTE);
  control.clear();
  const backMs = Date.now();
  await until(() => control.connections().data > 0);
  const connectedMs = Date.now();
  const caughtUpMs = await caughtUpAt(live);
  const what = `a network that was away for ${MISSED} minutes of ${LIVE_SYMBOLS.length} symbols is back`;
  return [
    {
      what: `${what} → the stream is connected`,
      value: (connectedMs - backMs) / 1_000,
      unit: 's',
    },
    { what: `${what} → caught up`, value: (caughtUpMs - backMs) / 1_000, unit: 's' },
  ];
}

async function restartFigure(live: LiveStack): Promise<Figure> {
  const { stack, time, until } = live;
  await stack.kill(LIVE_SERVICE);
  const killedUs = time.nowUs();
  await until(() => time.nowUs() > killedUs + MISSED * US_PER_MINUTE);
  const backMs = Date.now();
  await stack.service(LIVE_SERVICE).start();
  const caughtUpMs = await caughtUpAt(live);
  return {
    what: `started again after ${MISSED} minutes of ${LIVE_SYMBOLS.length} symbols → caught up`,
    value: (caughtUpMs - backMs) / 1_000,
    unit: 's',
  };
}

/** Waits until the feed is no more than a minute behind. @returns when that was, in milliseconds of this machine's clock. */
async function caughtUpAt({ bus, time, until }: LiveStack): Promise<number> {
  let newest: Closing | undefined;
  await until(async () => {
    newest = (await readClosings(bus)).at(-1);
    return (newest?.endUs ?? 0) >= time.nowUs() - 2 * US_PER_MINUTE;
  });
  return (newest?.storedUs ?? Number.NaN) / 1_000;
}
