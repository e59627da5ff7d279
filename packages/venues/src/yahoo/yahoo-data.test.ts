import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Bar, type MarketAction, timeUs } from '@capstan/domain';
import { MemoryLog } from '@capstan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../requests/test-clock.ts';
import { YahooData } from './yahoo-data.ts';

const us = (text: string) => timeUs(Date.parse(text) * 1_000);
const seconds = (text: string) => Date.parse(text) / 1_000;

/** What the server answers next: a status and a text. */
let answers: (readonly [number, string])[] = [];
let asked: URL[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://yahoo'));
    const [status, text] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, ''];
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});
beforeEach(() => {
  answers = [];
  asked = [];
});

/** The real client over a server of our own in Yahoo's place. */
function open(): YahooData {
  const clock = new TestClock(us('2024-06-20T12:00:00Z'));
  const { port } = server.address() as AddressInfo;
  const send = (url: string, init: RequestInit) => {
    const { pathname, search } = new URL(url);
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, init);
  };
  return new YahooData({ clock, log: new MemoryLog(), send }, { requestsPerMinute: 60_000 });
}

const meta = {
  currency: 'USD',
  symbol: 'NVDA',
  exchangeName: 'NMS',
  instrumentType: 'EQUITY',
  firstTradeDate: 917015400,
  regularMarketTime: 1718827200,
  gmtoffset: -14400,
  timezone: 'EDT',
  exchangeTimezoneName: 'America/New_York',
  regularMarketPrice: 135.58,
  priceHint: 2,
  currentTradingPeriod: Object.fromEntries(
    ['pre', 'regular', 'post'].map((name) => [
      name,
      { timezone: 'EDT', start: 1718784000, end: 1718803800, gmtoffset: -14400 },
    ]),
  ),
  dataGranularity: '1d',
  range: '',
  validRanges: ['1d', 'max'],
};
const days = ['2024-06-06', '2024-06-07', '2024-06-10', '2024-06-11'].map((day) =>
  seconds(`${day}T13:30:00Z`),
);
/** NVIDIA around its ten-for-one split of 2024-06-10, as Yahoo has it since. */
const chart = {
  meta,
  timestamp: days,
  events: {
    dividends: { a: { amount: 0.01, date: days[3] } },
    splits: { b: { date: days[2], numerator: 10, denominator: 1, splitRatio: '10:1' } },
  },
  indicators: {
    quote: [
      {
        open: [124.0479965209961, 119.7699966430664, 120.37000274658203, null],
        high: [125.58699798583984, 121.69200134277344, 123.0999984741211, null],
        low: [118.31999969482422, 118.02200317382812, 117.01000213623047, null],
        close: [120.99800109863281, 120.88800048828125, 121.79000091552734, null],
        volume: [664696000, 412386000, 314162700, null],
      },
    ],
  },
};
const answer = (result: object) => JSON.stringify({ chart: { result: [result], error: null } });
const span = {
  symbols: ['NVDA'],
  fromUs: us('2024-06-06T00:00:00Z'),
  toUs: us('2024-06-11T00:00:00Z'),
};
const barsOf = async (yahoo: YahooData): Promise<readonly Bar[]> => {
  const bars: Bar[] = [];
  for await (const page of yahoo.bars({ ...span, timeframe: '1d', adjustment: 'raw' })) {
    bars.push(...page);
  }
  return bars;
};

describe('Yahoo', () => {
  it('gives daily bars as they were traded, each with its session as its span', async () => {
    answers = [[200, answer(chart)]];
    const bars = await barsOf(open());
    expect(bars.map(({ closeNanos, volume }) => [closeNanos / 1e9, volume])).toEqual([
      [1209.98, 66_469_600],
      [1208.88, 41_238_600],
      [121.79, 314_162_700],
    ]);
    expect(bars[0]).toMatchObject({
      startUs: us('2024-06-06T13:30:00Z'),
      endUs: us('2024-06-06T20:00:00Z'),
      openNanos: 1_240_480_000_000,
    });
    // Splits after the span count as well, so it is asked up to now.
    expect(asked[0]?.searchParams.get('period2')).toBe(String(seconds('2024-06-20T12:00:00Z')));
  });

  it('gives splits and dividends by ex-date', async () => {
    answers = [[200, answer(chart)]];
    const actions: MarketAction[] = [];
    const request = { symbols: ['NVDA'], fromDate: '2024-06-10', toDate: '2024-06-11' };
    for await (const page of open().actions(request)) actions.push(...page);
    expect(actions).toEqual([
      { kind: 'split', symbol: 'NVDA', exDate: '2024-06-10', newUnits: 10, oldUnits: 1 },
      { kind: 'dividend', symbol: 'NVDA', exDate: '2024-06-11', perUnitNanos: 10_000_000 },
    ]);
  });

  it('with nothing in the span is empty', async () => {
    answers = [[200, answer({ meta, indicators: { quote: [{}] } })]];
    expect(await barsOf(open())).toEqual([]);
  });

  it('is asked again where a failure may pass', async () => {
    answers = [
      [503, 'down'],
      [429, 'Too Many Requests'],
      [200, answer(chart)],
    ];
    expect(await barsOf(open())).toHaveLength(3);
    expect(asked).toHaveLength(3);
  });

  const unknown = JSON.stringify({
    chart: { result: null, error: { code: 'Not Found', description: 'No data found' } },
  });
  it.each([
    ['an unknown symbol', 404, unknown, 'MARKET.SYMBOL', /NVDA.*as Yahoo does/],
    ['too many requests', 429, 'Too Many Requests', 'MARKET.RATE', /too often/],
    ['a failure of its own', 502, '', 'MARKET.UNAVAILABLE', /502/],
    ['a page that is no JSON', 200, '{"chart":{"resu', 'MARKET.ANSWER', /not what it should be/],
    ['another shape', 200, answer({ meta: {} }), 'MARKET.ANSWER', /not what it should be/],
  ])('says of %s what it is', async (_what, status, text, code, message) => {
    answers = [[status, text]];
    const failing = barsOf(open());
    await expect(failing).rejects.toMatchObject({ code });
    await expect(failing).rejects.toThrow(message);
  });

  it('says what it has where other bars are asked for', async () => {
    const asking = open().bars({ ...span, timeframe: '1m', adjustment: 'raw' });
    await expect(asking[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'MARKET.ENTITLEMENT',
    });
  });
});
