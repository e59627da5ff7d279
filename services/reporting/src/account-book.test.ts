import {
  type CashEvent,
  cashMicros,
  type Fill,
  HOUSE,
  InstrumentBook,
  priceNanos,
  quantity,
  timeUs,
  usEquity,
} from '@capstan/domain';
import type { EquityRecord } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import { AccountBook, WHOLE_ACCOUNT } from './account-book.ts';
import { days, thin } from './days.ts';

const instruments = new InstrumentBook([usEquity('SPY', 'etf')]);
const DAY = 86_400_000_000;

const fill = (
  accountSequence: number,
  side: 'buy' | 'sell',
  units: number,
  price: number,
): Fill => ({
  fillId: `f${accountSequence}`,
  kind: 'fill',
  orderId: `o${accountSequence}`,
  runId: 'run',
  accountId: 'paper',
  botId: 'bot',
  symbol: 'SPY',
  side,
  quantity: quantity(units),
  priceNanos: priceNanos(price * 1e9),
  feeMicros: cashMicros(1_000_000),
  eventAtUs: timeUs(accountSequence),
  accountSequence,
});
const mark = (price: number, at: number) => [
  { symbol: 'SPY', priceNanos: priceNanos(price * 1e9), barEndUs: timeUs(at) },
];
const book = () => new AccountBook('paper', instruments, cashMicros(1_000_000_000));

describe('AccountBook', () => {
  it('adds the bots and the house up to the account, to the micro', () => {
    const account = book();
    account.apply(fill(1, 'buy', 10, 50));
    account.mark(mark(55, 1));
    const points = account.points('run', timeUs(1));
    expect(points.find((point) => point.botId === 'bot')).toMatchObject({
      cashMicros: -501_000_000,
      marketValueMicros: 550_000_000,
      unrealisedMicros: 50_000_000,
      feesMicros: 1_000_000,
    });
    const whole = points.find((point) => point.botId === WHOLE_ACCOUNT);
    expect(whole).toMatchObject({ cashMicros: 499_000_000, marketValueMicros: 550_000_000 });
  });

  it('goes on from its state as if it had never stopped, busts included', () => {
    const fills = [fill(1, 'buy', 10, 50), fill(2, 'sell', 4, 60)];
    const through = book();
    const stopped = book();
    for (const one of fills) through.apply(one);
    for (const one of fills) stopped.apply(one);
    stopped.mark(mark(55, 1));
    through.mark(mark(55, 1));
    const resumed = book();
    resumed.restore(JSON.parse(JSON.stringify(stopped.state())));
    const bust: Fill = { ...fill(3, 'sell', 4, 60), kind: 'bust', refersTo: 'f2' };
    through.apply(bust);
    expect(() => resumed.apply(bust)).toThrow('0 fills supplied');
    resumed.apply(bust, fills);
    expect(resumed.points('run', timeUs(2))).toEqual(through.points('run', timeUs(2)));
    expect(resumed.points('run', timeUs(2))[0]).toMatchObject({ realisedMicros: 0 });
  });

  it('never lets an older mark replace a newer one', () => {
    const account = book();
    account.apply(fill(1, 'buy', 1, 50));
    account.mark(mark(60, 5));
    account.mark(mark(40, 4));
    expect(account.points('run', timeUs(5))[0]?.marketValueMicros).toBe(60_000_000);
  });
});

describe('days', () => {
  const point = (day: number, minute: number, equity: number) => ({
    runId: 'run',
    accountId: 'paper',
    botId: '*',
    atUs: timeUs(day * DAY + minute),
    cashMicros: cashMicros(equity),
    marketValueMicros: cashMicros(0),
    realisedMicros: cashMicros(equity),
    unrealisedMicros: cashMicros(0),
    feesMicros: cashMicros(0),
  });
  const date = (us: number) => `day ${Math.floor(us / DAY)}`;

  it('takes each day from the last point before it', () => {
    const points = [point(1, 0, 100), point(1, 9, 110), point(2, 0, 90), point(2, 9, 130)];
    expect(days(points, [], date).map((one) => one.pnlMicros)).toEqual([10, 20]);
  });

  it.each([
    ['deposit', 500, [50, -30]],
    ['withdrawal', -500, [50, -30]],
    ['transfer', 500, [50, -30]],
    ['interest', 5, [55, -30]],
    ['charge', -5, [45, -30]],
  ] as const)(
    'count a %s that is booked after the last point of its day as of that day, or not at all',
    (kind, amount, results) => {
      const account = book();
      const points: EquityRecord[] = [];
      const pointAt = (day: number, minute: number, price: number) => {
        account.mark(mark(price, day * DAY + minute));
        const at = timeUs(day * DAY + minute);
        points.push(...account.points('run', at).filter(({ botId }) => botId === WHOLE_ACCOUNT));
      };
      account.apply(fill(1, 'buy', 10, 50));
      pointAt(1, 0, 50);
      pointAt(1, 9, 55);
      const event: CashEvent = {
        ...{ cashEventId: 'c', kind, accountId: 'paper', botId: HOUSE },
        ...{ amountMicros: cashMicros(amount * 1e6), eventAtUs: timeUs(DAY + 8) },
        accountSequence: 2,
      };
      account.apply(event);
      pointAt(2, 0, 53);
      pointAt(2, 9, 52);
      const found = days(points, [], date, [event]);
      expect(found.map(({ pnlMicros }) => pnlMicros / 1e6)).toEqual(results);
      expect(found.at(-1)?.endEquityMicros).toBe((1_000 - 1 + 20 + amount) * 1e6);
    },
  );

  it('thins evenly and keeps the ends', () => {
    const kept = thin(
      Array.from({ length: 1_000 }, (_, index) => index),
      5,
    );
    expect(kept).toEqual([0, 250, 500, 749, 999]);
    expect(thin([1, 2], 5)).toEqual([1, 2]);
  });
});
