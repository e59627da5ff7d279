import { getCalendar } from '@capstan/calendar';
import { InstrumentBook, usEquity } from '@capstan/domain';
import { expect, it } from 'vitest';
import { sessionPlans } from './session-plan.ts';

const instruments = new InstrumentBook([
  usEquity('SPY'),
  usEquity('QQQ'),
  { ...usEquity('BTC'), calendar: '24x7' },
]);
const WORLD = {
  instruments,
  calendarOf: getCalendar,
  preMarketMinutes: 30,
  endOfDayMinutes: 15,
  feeds: [
    { feed: 'equities', symbols: ['SPY', 'QQQ'] },
    { feed: 'coins', symbols: ['BTC'] },
  ],
  accounts: [
    { accountId: 'a', limits: { killTime: '15:50', scopes: [{ bot: 'x', killTime: '12:00' }] } },
    { accountId: 'b', limits: {} },
  ],
  bots: [
    { botId: 'x', accountId: 'a', feed: 'equities', symbols: ['SPY'] },
    {
      ...{ botId: 'y', accountId: 'b', feed: 'equities', symbols: ['SPY'] },
      schedule: { beforeCloseMinutes: 5, atEnd: 'flatten' as const },
    },
    { botId: 'z', accountId: 'b', feed: 'coins', symbols: ['BTC'] },
  ],
};

it('plans a market a calendar, with its feeds, accounts and what is to be closed', () => {
  const [coins, equities] = sessionPlans(WORLD);
  expect(coins).toMatchObject({ feeds: ['coins'], accounts: ['b'], closings: [] });
  expect(coins?.flat).toEqual([{ accountId: 'b', botId: 'z' }].slice(1));
  expect(equities).toMatchObject({
    feeds: ['equities'],
    accounts: ['a', 'b'],
    symbols: new Set(['SPY', 'QQQ']),
    times: {
      kills: [
        { kind: 'at', time: '15:50' },
        { kind: 'at', time: '12:00' },
      ],
    },
  });
  expect(equities?.flat).toEqual([
    { accountId: 'a' },
    { accountId: 'a', botId: 'x' },
    { accountId: 'b', botId: 'y' },
  ]);
});

it('goes by the clock on the wall as soon as one of its feeds does', () => {
  const live = WORLD.feeds.map((one) => ({ ...one, live: one.feed === 'equities' }));
  const [coins, equities] = sessionPlans({ ...WORLD, feeds: live });
  expect([coins?.eventTime, equities?.eventTime]).toEqual([true, false]);
});

it('plans nothing where nothing is traded', () => {
  expect(sessionPlans({ ...WORLD, feeds: [], bots: [] })).toEqual([]);
});
