import { getCalendar } from '@capstan/calendar';
import { decodeBar, decodeQuote, subjects } from '@capstan/contracts';
import { timeUs, US_PER_MINUTE } from '@capstan/domain';
import { Stack } from '@capstan/e2e';
import { waitUntil } from '@capstan/embedded';
import { type AlpacaEmulator, EMULATOR_KEYS, startAlpacaEmulator } from '@capstan/emulators';
import type { Bus } from '@capstan/ports';
import { MARKET_TIME, MarketTime, marketTimeText } from '@capstan/runtime';
import type { Benchmark, Figure, RunOptions } from './benchmark.ts';
import { openBus, readAfter } from './bus-reading.ts';
import { LOAD_SYMBOLS, LoadSource } from './live-load-source.ts';
import { profiled } from './profiled.ts';
import { spreadOf } from './spread.ts';

const SERVICE = 'market-data';
/** How many times faster than the wall's clock the market goes: a minute takes three seconds. */
const SPEED = 20;
/** 10:00 in New York on a Monday with a session. */
const TEN_US = timeUs(Date.parse('2026-01-05T15:00:00Z') * 1_000);
/** Quotes of a second where each symbol has two. */
const STEADY = { seconds: 30, perSecond: 4_000 };
/** How often each symbol is quoted where as many quotes as possible come. */
const ROUNDS = 500;
/** How often the newest quotes go out: as often as the configuration allows. */
const QUOTES_EVERY_MS = 10;
const WAIT_MS = 120_000;

/** How soon, and how many of, the messages that a vendor streams are on the bus. */
export const liveLoadBenchmark: Benchmark = {
  name: 'live-load',
  title:
    'quotes and bars of 2,000 symbols: from the WebSocket to the bus, steadily and as many as it takes',
  run: async (options) => {
    const wallUs = timeUs(Date.now() * 1_000);
    const started = { startUs: TEN_US, wallUs, speed: SPEED };
    const time = new MarketTime(started, getCalendar('XNYS'), () => Date.now() * 1_000);
    const emulator = await startAlpacaEmulator({
      clock: { kind: 'given', nowUs: () => time.nowUs() },
      symbols: LOAD_SYMBOLS,
      requestLimits: { data: 1_000_000, trading: 1_000_000 },
    });
    const source = await LoadSource.start();
    const stack = await startFeed({ emulator, source, options }, marketTimeText(started));
    const { bus, close } = await openBus(stack.servers.nats.url);
    const minutes = new Minutes(source, time);
    try {
      options.say('live-load: the stream is taken up');
      await until(async () => (await source.listened()) === LOAD_SYMBOLS.length, stack);
      minutes.start();
      await until(async () => minutes.sent.size > 2, stack);
      options.say(`live-load: ${STEADY.perSecond} quotes/s`);
      const steady = await steadyFigures({ bus, source, minutes });
      options.say(`live-load: ${ROUNDS * LOAD_SYMBOLS.length} quotes`);
      const figures = [...steady, ...(await floodFigures({ bus, source, stack }))];
      return { benchmark: 'live-load', how: HOW, figures, notes: NOTES };
    } finally {
      minutes.stop();
      await stack.stop();
      await close();
      source.close();
      await emulator.close();
    }
  },
};

const HOW =
  `${LOAD_SYMBOLS.length} symbols, a stream of Alpaca's protocol in a process of its own that stamps what it sends; market-data reads it by the vendor's own client, and NATS and PostgreSQL are processes ` +
  `of their own. Times are from the stamp to where the bus stores the message. First ${STEADY.perSecond} quotes a second come evenly for ${STEADY.seconds} s, and all bars of a minute at once each three seconds; then as many ` +
  'quotes as are read.';

const NOTES = [
  `Quotes go out each ${QUOTES_EVERY_MS} ms here (\`quotesEveryMs\`, 250 ms unless set), the newest of each symbol: that wait is in the figures.`,
  'A minute goes out when its last bar is there, in one commit with all bars. Trades are not on the bus: bars are made of them.',
  'What sends works on the same cores.',
];

function startFeed(
  at: {
    readonly emulator: AlpacaEmulator;
    readonly source: LoadSource;
    readonly options: RunOptions;
  },
  marketTime: string,
): Promise<Stack> {
  return Stack.start({
    services: [SERVICE],
    config: {
      run: { id: 'bench' },
      log: { level: 'info' },
      feeds: [
        {
          ...{ kind: 'venue', feed: 'live', provider: 'alpaca', source: 'sip', venue: 'LOAD' },
          ...{ symbols: LOAD_SYMBOLS, historySessions: 0, requestsPerMinute: 100_000 },
          ...{ graceMs: 40_000, settleMs: 5_000, quotes: true, quotesEveryMs: QUOTES_EVERY_MS },
        },
      ],
    },
    environmentOf: (name) => ({
      [MARKET_TIME]: marketTime,
      ALPACA_KEY_ID: EMULATOR_KEYS.keyId,
      ALPACA_SECRET_KEY: EMULATOR_KEYS.secretKey,
      ALPACA_BASE_URL: at.emulator.url,
      ALPACA_DATA_URL: at.emulator.url,
      ALPACA_DATA_STREAM_URL: at.source.url,
      ...profiled(name, at.options),
    }),
  });
}

/** Says the bars of each minute as it ends, by the market's clock. */
class Minutes {
  /** When the frames of a minute were sent, by its end. */
  readonly sent = new Map<number, readonly number[]>();
  readonly #source: LoadSource;
  readonly #time: MarketTime;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: LoadSource, time: MarketTime) {
    this.#source = source;
    this.#time = time;
  }

  start(): void {
    const endUs = Math.floor(this.#time.nowUs() / US_PER_MINUTE + 1) * US_PER_MINUTE;
    const dueMs = (endUs - this.#time.nowUs()) / SPEED / 1_000;
    this.#timer = setTimeout(async () => {
      const { sentUs } = await this.#source.bars(endUs - US_PER_MINUTE);
      this.sent.set(endUs, sentUs);
      if (this.#timer !== undefined) this.start();
    }, dueMs + 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

async function steadyFigures(by: {
  readonly bus: Bus;
  readonly source: LoadSource;
  readonly minutes: Minutes;
}): Promise<readonly Figure[]> {
  const { bus, source, minutes } = by;
  const from = { quotes: await sequence(bus, 'QUOTES'), bars: await sequence(bus, 'MARKET') };
  const sent = await source.steady(STEADY);
  const quotes: number[] = [];
  await readAfter(bus, 'QUOTES', from.quotes, ({ data, storedAtUs }) => {
    quotes.push((storedAtUs - decodeQuote(data).atUs) / 1_000);
  });
  const places = new Map(LOAD_SYMBOLS.map((symbol, place) => [symbol, place]));
  const bars: number[] = [];
  await readAfter(bus, 'MARKET', from.bars, ({ subject, data, storedAtUs }) => {
    if (!subject.startsWith('market.bar.')) return;
    const { symbol, endUs } = decodeBar(data);
    const frames = minutes.sent.get(endUs);
    const place = places.get(symbol) ?? 0;
    const sentUs = frames?.[Math.floor((place / LOAD_SYMBOLS.length) * frames.length)];
    if (sentUs !== undefined) bars.push((storedAtUs - sentUs) / 1_000);
  });
  const share = `${quotes.length} of ${sent}`;
  return [
    ...spreadFigures(`a quote sent → on the bus, ${share}`, quotes),
    ...spreadFigures('a bar sent, with all others of its minute → on the bus', bars),
  ];
}

function spreadFigures(what: string, values: readonly number[]): readonly Figure[] {
  const spread = spreadOf(values);
  return [
    { what: `${what}, p50`, value: spread.p50, unit: 'ms', spread },
    { what: `${what}, p99`, value: spread.p99, unit: 'ms' },
  ];
}

/** The last quote of the last symbol is the last to go out. */
async function floodFigures(by: {
  readonly bus: Bus;
  readonly source: LoadSource;
  readonly stack: Stack;
}): Promise<readonly Figure[]> {
  const { bus, source, stack } = by;
  const before = await sequence(bus, 'QUOTES');
  const { firstUs, lastUs, messages } = await source.flood(ROUNDS);
  const subject = subjects.quote('LOAD', LOAD_SYMBOLS.at(-1) ?? '');
  let storedUs = 0;
  await until(async () => {
    const newest = await bus.newest('QUOTES', subject);
    if (newest === undefined || decodeQuote(newest.data).atUs < lastUs) return false;
    storedUs = newest.storedAtUs;
    return true;
  }, stack);
  const seconds = (storedUs - firstUs) / 1e6;
  const published = (await sequence(bus, 'QUOTES')) - before;
  return [
    {
      what: `${messages} quotes as fast as they are read → the newest of each symbol on the bus`,
      value: Math.round(messages / seconds),
      unit: 'messages/s',
    },
    { what: 'of these on the bus', value: Math.round(published / seconds), unit: 'messages/s' },
  ];
}

const sequence = async (bus: Bus, stream: string): Promise<number> =>
  (await bus.streamState(stream)).lastSequence;

async function until(isSo: () => Promise<boolean>, stack: Stack): Promise<void> {
  if (await waitUntil(isSo, WAIT_MS)) return;
  throw new Error(`the feed does not get on:\n${await stack.logs(40)}`);
}
