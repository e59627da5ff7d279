import { getCalendar } from '@capstan/calendar';
import {
  cashMicros,
  type Fill,
  priceNanos,
  quantity,
  timeUs,
  US_PER_MINUTE,
} from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { minute } from './test-alerts.ts';
import { AlertWatch, type WatchRules, type WatchState } from './watch.ts';

const RULES: WatchRules = {
  unknownUs: US_PER_MINUTE,
  staleUs: 2 * US_PER_MINUTE,
  scaleOf: (symbol) => (symbol === 'BTC' ? 8 : 0),
};
const said = (alerts: readonly Alert[]) => alerts.map(({ level, title }) => `${level}: ${title}`);
const restored = (watch: AlertWatch) =>
  new AlertWatch(RULES, JSON.parse(JSON.stringify(watch.state())) as WatchState);

const KILL = { accountId: 'paper', actor: 'ann', reason: 'news' };
const ORDER = {
  orderId: 'o1',
  accountId: 'paper',
  botId: 'trend',
  symbol: 'BTC',
  side: 'buy',
  quantity: quantity(150_000_000),
} as const;

describe('a kill switch', () => {
  it('is told when it is thrown, made harder and lifted, each once', () => {
    const watch = new AlertWatch(RULES);
    expect(watch.kill({ ...KILL, mode: 'off', sinceUs: 0 }, minute(0))).toEqual([]);
    const soft = { ...KILL, mode: 'soft', sinceUs: 1 };
    expect(said(watch.kill(soft, minute(1)))).toEqual([
      'critical: paper: soft kill switch thrown by ann',
    ]);
    expect(watch.kill(soft, minute(2))).toEqual([]);
    const [hard] = watch.kill({ ...KILL, mode: 'hard', sinceUs: 2 }, minute(3));
    expect(hard?.text).toBe(
      "News. Orders are cancelled and positions flattened. Nothing adds exposure until 'capstan unkill'.",
    );
    expect(said(watch.kill({ ...KILL, mode: 'off', sinceUs: 3 }, minute(4)))).toEqual([
      'info: paper: the kill switch is lifted by ann',
    ]);
  });

  it('that is thrown again is no repeat of the last', () => {
    const watch = new AlertWatch(RULES);
    const [first] = watch.kill({ ...KILL, mode: 'soft', sinceUs: 1 }, minute(1));
    watch.kill({ ...KILL, mode: 'off', sinceUs: 2 }, minute(2));
    const [again] = watch.kill({ ...KILL, mode: 'soft', sinceUs: 3 }, minute(3));
    expect(again?.key).not.toBe(first?.key);
  });

  it('that stands at a restart is not told again', () => {
    const watch = new AlertWatch(RULES);
    watch.kill({ ...KILL, mode: 'hard', sinceUs: 1 }, minute(1));
    const again = restored(watch);
    expect(again.kill({ ...KILL, mode: 'hard', sinceUs: 1 }, minute(2))).toEqual([]);
    expect(again.kill({ ...KILL, mode: 'hard', sinceUs: 2 }, minute(2))).toHaveLength(1);
  });
});

it('a breaker is told when it opens and when it is reset', () => {
  const watch = new AlertWatch(RULES);
  const open = { accountId: 'paper', open: true, reason: 'five rejections', sinceUs: 5 };
  const [alert] = watch.breaker(open, minute(0));
  expect(alert).toMatchObject({ kind: 'breaker', level: 'critical' });
  expect(alert?.text).toBe(
    "Five rejections. Only what reduces is sent until 'capstan breaker reset paper'.",
  );
  expect(watch.breaker(open, minute(1))).toEqual([]);
  expect(said(watch.breaker({ ...open, open: false, sinceUs: 6 }, minute(2)))).toEqual([
    'info: paper: the breaker is reset',
  ]);
});

it('a drift is told with both amounts, and when it heals', () => {
  const watch = new AlertWatch(RULES);
  const drift = {
    driftId: 'd1',
    accountId: 'paper',
    symbol: 'BTC',
    ledger: 150_000_000,
    broker: -50_000_000,
    healed: false,
  };
  const [alert] = watch.drift(drift, minute(0));
  expect(alert).toMatchObject({ level: 'critical', title: 'paper: BTC differs from the broker' });
  expect(alert?.text).toContain('The ledger says 1.5, the broker -0.5.');
  const [cash] = watch.drift({ ...drift, driftId: 'd2', symbol: '$cash' }, minute(0));
  expect(cash?.text).toContain('The ledger says 150.00, the broker -50.00.');
  expect(said(watch.drift({ ...drift, healed: true }, minute(1)))).toEqual([
    'info: paper: BTC agrees again',
  ]);
  expect(watch.drift({ ...drift, driftId: 'd3', healed: true }, minute(1))).toEqual([]);
});

it('a bot that crashes is told until it runs, pauses or stops', () => {
  const watch = new AlertWatch(RULES);
  const bot = { botId: 'trend', accountId: 'paper' };
  expect(watch.bot({ ...bot, state: 'running' }, minute(0))).toEqual([]);
  expect(said(watch.bot({ ...bot, state: 'crashed' }, minute(1)))).toEqual([
    'warning: trend (paper) crashed',
  ]);
  expect(watch.bot({ ...bot, state: 'crashed' }, minute(2))).toEqual([]);
  expect(said(watch.bot({ ...bot, state: 'running' }, minute(3)))).toEqual([
    'info: trend (paper) is running again',
  ]);
});

describe('an order that is UNKNOWN', () => {
  it('is told once it has been so for a minute, and when it is known again', () => {
    const watch = new AlertWatch(RULES);
    watch.order({ ...ORDER, state: 'unknown' }, minute(0));
    watch.order({ ...ORDER, state: 'unknown' }, minute(0.9));
    expect(watch.tick(minute(0.99))).toEqual([]);
    const again = restored(watch);
    expect(said(again.tick(minute(1)))).toEqual([
      "critical: paper: trend's buy of 1.5 BTC is UNKNOWN",
    ]);
    expect(restored(again).tick(minute(9))).toEqual([]);
    expect(said(again.order({ ...ORDER, state: 'filled' }, minute(10)))).toEqual([
      "info: paper: trend's buy of 1.5 BTC is known again: filled",
    ]);
  });

  it('for less than a minute is nobody told of', () => {
    const watch = new AlertWatch(RULES);
    watch.order({ ...ORDER, state: 'unknown' }, minute(0));
    expect(watch.order({ ...ORDER, state: 'accepted' }, minute(0.5))).toEqual([]);
    expect(watch.tick(minute(5))).toEqual([]);
    expect(watch.state().unknown).toEqual([]);
  });
});

describe('a feed', () => {
  const feed = { feed: 'demo', finished: false, intervalUs: 1_000_000, endUs: 0, calendars: [] };

  it('that says nothing for too long is told, and when it goes on', () => {
    const watch = new AlertWatch(RULES);
    expect(watch.feed({ ...feed, slices: 4 }, minute(0))).toEqual([]);
    expect(watch.feed({ ...feed, slices: 4 }, minute(1.99))).toEqual([]);
    const again = restored(watch);
    expect(said(again.feed({ ...feed, slices: 4 }, minute(2)))).toEqual([
      'critical: Feed demo is stale',
    ]);
    expect(again.feed({ ...feed, slices: 4 }, minute(3))).toEqual([]);
    expect(said(again.feed({ ...feed, slices: 5 }, minute(4)))).toEqual([
      'info: Feed demo goes on',
    ]);
  });

  it('of which its vendor brings nothing is told at once, though its slices go on', () => {
    const watch = new AlertWatch(RULES);
    const fine = { ...feed, vendor: { stale: false, problem: '' } };
    const silent = { ...feed, vendor: { stale: true, problem: 'The key is refused' } };
    watch.feed({ ...fine, slices: 4 }, minute(0));
    const alerts = watch.feed({ ...silent, slices: 5 }, minute(1));
    expect(said(alerts)).toEqual(['critical: Feed demo is stale']);
    expect(alerts[0]?.text).toMatch(/^The key is refused\. Nothing comes of its vendor/);
    expect(restored(watch).feed({ ...silent, slices: 6 }, minute(2))).toEqual([]);
    expect(said(restored(watch).feed({ ...fine, slices: 7 }, minute(3)))).toEqual([
      'info: Feed demo goes on',
    ]);
  });

  it('that is slow or has ended is not stale', () => {
    const watch = new AlertWatch(RULES);
    const slow = { ...feed, feed: 'slow', slices: 1, intervalUs: 2 * US_PER_MINUTE };
    watch.feed(slow, minute(0));
    expect(watch.feed(slow, minute(5.9))).toEqual([]);
    expect(watch.feed(slow, minute(6))).toHaveLength(1);
    const ended = { ...feed, slices: 9, finished: true };
    watch.feed(ended, minute(0));
    expect(watch.feed(ended, minute(60))).toEqual([]);
  });

  describe('of an exchange', () => {
    // A Friday whose regular close is at 21:00 UTC, before a Monday that opens at 14:30.
    const at = (day: number, hour: number, min: number) =>
      timeUs(Date.UTC(2024, 0, day, hour, min) * 1_000);
    const live = { ...feed, feed: 'live', intervalUs: 0, calendars: [getCalendar('XNYS')] };

    it('that follows the clock is not stale while the market is closed', () => {
      const watch = new AlertWatch(RULES);
      const closed = { ...live, slices: 390, endUs: at(5, 21, 0) };
      watch.feed(closed, at(5, 21, 0));
      expect(restored(watch).feed(closed, at(8, 14, 31))).toEqual([]);
      expect(said(restored(watch).feed(closed, at(8, 14, 32)))).toEqual([
        'critical: Feed live is stale',
      ]);
    });

    it('that is seen for the first time at night is not stale until the market has opened', () => {
      const watch = new AlertWatch(RULES);
      const closed = { ...live, slices: 390, endUs: at(5, 21, 0) };
      watch.feed(closed, at(6, 3, 0));
      expect(watch.feed(closed, at(7, 3, 0))).toEqual([]);
      expect(said(watch.feed(closed, at(8, 14, 40)))).toEqual(['critical: Feed live is stale']);
    });

    it('that stops in the session is stale within it, and stays so over the night', () => {
      const watch = new AlertWatch(RULES);
      const stopped = { ...live, slices: 100, endUs: at(5, 16, 0) };
      watch.feed(stopped, at(5, 16, 0));
      expect(said(watch.feed(stopped, at(5, 16, 2)))).toEqual(['critical: Feed live is stale']);
      expect(watch.feed(stopped, at(6, 3, 0))).toEqual([]);
    });

    it('that plays the past is expected to go on at night', () => {
      const watch = new AlertWatch(RULES);
      const past = { ...live, slices: 5, endUs: at(2, 15, 0) };
      watch.feed(past, at(6, 3, 0));
      expect(said(watch.feed(past, at(6, 3, 2)))).toEqual(['critical: Feed live is stale']);
    });
  });
});

it('tells of each day what is not ready, and who was to be flat at the close', () => {
  const watch = new AlertWatch(RULES);
  const day = { calendar: 'XNYS', date: '2026-11-27' };
  expect(watch.session({ ...day, kind: 'readiness', problems: [] }, minute(0))).toEqual([]);
  expect(watch.session({ ...day, kind: 'endOfDay', problems: [] }, minute(0))).toEqual([]);
  const problems = ['feed a has given no bar', 'paper: the breaker is open'];
  expect(watch.session({ ...day, kind: 'readiness', problems }, minute(0))).toMatchObject([
    {
      kind: 'session',
      level: 'warning',
      key: 'session/XNYS/2026-11-27/readiness',
      title: 'XNYS 2026-11-27: not all is ready',
      text: "feed a has given no bar; paper: the breaker is open: 'capstan status'.",
    },
  ]);
  const [held] = watch.session({ ...day, kind: 'endOfDay', problems: ['trend held'] }, minute(0));
  expect(held).toMatchObject({
    level: 'critical',
    title: 'XNYS 2026-11-27: not flat at the close',
  });
});

it('access to a broker is told while it ends, once it has ended, and when it is back', () => {
  const watch = new AlertWatch(RULES);
  const token = { accountId: 'live', advice: "Run 'capstan login'." };
  const states = ['fine', 'expiring', 'expiring', 'expired', 'fine'] as const;
  expect(states.map((state) => said(watch.token({ ...token, state }, minute(0))))).toEqual([
    [],
    ['warning: live: access to the broker ends soon'],
    [],
    ['critical: live: access to the broker has ended'],
    ['info: live: the broker lets us in'],
  ]);
});

it('a fill is told with amount and price, a bust as a warning', () => {
  const watch = new AlertWatch(RULES);
  const fill: Fill = {
    ...ORDER,
    fillId: 'f1',
    kind: 'fill',
    runId: 'run',
    priceNanos: priceNanos(600_250_000_000),
    feeMicros: cashMicros(0),
    eventAtUs: minute(0),
    accountSequence: 1,
  };
  expect(said(watch.fill(fill, minute(0)))).toEqual(['info: trend (paper): buy 1.5 BTC at 600.25']);
  expect(said(watch.fill({ ...fill, kind: 'bust', refersTo: 'f0' }, minute(0)))).toEqual([
    'warning: trend (paper): buy 1.5 BTC at 600.25 (bust of f0)',
  ]);
});
