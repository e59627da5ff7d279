import { decodeBar, decodeQuote, subjects } from '@capstan/contracts';
import { US_PER_MINUTE } from '@capstan/domain';
import type { Bus } from '@capstan/ports';
import type { MarketTime } from '@capstan/runtime';
import type { Benchmark, Figure } from './benchmark.ts';
import { readAfter } from './bus-reading.ts';
import { LoadSource } from './live-load-source.ts';
import { LIVE_SPEED, type LiveStack, startLiveStack } from './live-stack.ts';
import { LIVE_SYMBOLS } from './live-symbols.ts';
import { spreadOf } from './spread.ts';

const VENUE = 'LOAD';
/** Longer than a minute's bars ever take: a minute ends with its last bar. */
const GRACE_MS = 40_000;
/** Quotes of a second where each symbol has two. */
const STEADY = { seconds: 30, perSecond: 4_000 };
/** How often each symbol is quoted where as many quotes as possible come. */
const ROUNDS = 250;
/** How often the newest quotes go out: as often as the configuration allows. */
const QUOTES_EVERY_MS = 10;

/** How soon, and how many of, the messages that a vendor streams are on the bus. */
export const liveLoadBenchmark: Benchmark = {
  name: 'live-load',
  title:
    'quotes and bars of 2,000 symbols: from the WebSocket to the bus, steadily and as many as it takes',
  run: async (options) => {
    const source = await LoadSource.start();
    const feed = { venue: VENUE, graceMs: GRACE_MS, quotes: true, quotesEveryMs: QUOTES_EVERY_MS };
    const live = await startLiveStack(options, feed, source.url);
    const minutes = new Minutes(source, live.time);
    try {
      options.say('the stream is taken up');
      await live.until(async () => (await source.listened()) === LIVE_SYMBOLS.length);
      minutes.start();
      await live.until(() => minutes.sent.size > 2);
      options.say(`${STEADY.perSecond} quotes/s`);
      const steady = await steadyFigures(live.bus, source, minutes);
      options.say(`${ROUNDS * LIVE_SYMBOLS.length} quotes`);
      const figures = [...steady, ...(await floodFigures(live, source))];
      return { benchmark: 'live-load', how: HOW, figures, notes: NOTES };
    } finally {
      minutes.stop();
      await live.stop();
      source.close();
    }
  },
};

const HOW =
  `${LIVE_SYMBOLS.length} symbols, a stream of Alpaca's protocol in a process of its own that stamps what it sends; market-data reads it by the vendor's own client, and NATS and PostgreSQL are processes ` +
  `of their own. Times are from the stamp to where the bus stores the message. First ${STEADY.perSecond} quotes a second come evenly for ${STEADY.seconds} s, and all bars of a minute at once each three seconds; then as many ` +
  'quotes as are read.';

const NOTES = [
  `Quotes go out each ${QUOTES_EVERY_MS} ms here (\`quotesEveryMs\`, 250 ms unless set), the newest of each symbol: that wait is in the figures.`,
  'A minute goes out when its last bar is there, in one commit with all bars. Trades are not on the bus: bars are made of them.',
  'What sends works on the same cores.',
];

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
    const dueMs = (endUs - this.#time.nowUs()) / LIVE_SPEED / 1_000;
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

async function steadyFigures(
  bus: Bus,
  source: LoadSource,
  minutes: Minutes,
): Promise<readonly Figure[]> {
  const from = { quotes: await sequence(bus, 'QUOTES'), bars: await sequence(bus, 'MARKET') };
  const sent = await source.steady(STEADY);
  const quotes: number[] = [];
  await readAfter(bus, 'QUOTES', from.quotes, ({ data, storedAtUs }) => {
    quotes.push((storedAtUs - decodeQuote(data).atUs) / 1_000);
  });
  const places = new Map(LIVE_SYMBOLS.map((symbol, place) => [symbol, place]));
  const bars: number[] = [];
  await readAfter(bus, 'MARKET', from.bars, ({ subject, data, storedAtUs }) => {
    if (!subject.startsWith('market.bar.')) return;
    const { symbol, endUs } = decodeBar(data);
    const frames = minutes.sent.get(endUs);
    const place = places.get(symbol) ?? 0;
    const sentUs = frames?.[Math.floor((place / LIVE_SYMBOLS.length) * frames.length)];
    if (sentUs !== undefined) bars.push((storedAtUs - sentUs) / 1_000);
  });
  const share = `${quotes.length} of ${sent}`;
  return [
    ...spreadFigures(`a quote sent → on the bus, ${share}`, quotes),
    ...spreadFigures('a bar sent, with all others of its minute → on the bus', bars),
  ];
}

/** @throws Error where nothing came, as on a machine that is too busy for the market's pace. */
function spreadFigures(what: string, values: readonly number[]): readonly Figure[] {
  if (values.length === 0) throw new Error(`${what}: none came; is this machine busy?`);
  const spread = spreadOf(values);
  return [
    { what: `${what}, p50`, value: spread.p50, unit: 'ms', spread },
    { what: `${what}, p99`, value: spread.p99, unit: 'ms' },
  ];
}

/** The last quote of the last symbol is the last to go out. */
async function floodFigures(
  { bus, until }: LiveStack,
  source: LoadSource,
): Promise<readonly Figure[]> {
  const before = await sequence(bus, 'QUOTES');
  const { firstUs, lastUs, messages } = await source.flood(ROUNDS);
  const subject = subjects.quote(VENUE, LIVE_SYMBOLS.at(-1) ?? '');
  let storedUs = 0;
  await until(async () => {
    const newest = await bus.newest('QUOTES', subject);
    if (newest === undefined || decodeQuote(newest.data).atUs < lastUs) return false;
    storedUs = newest.storedAtUs;
    return true;
  });
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
