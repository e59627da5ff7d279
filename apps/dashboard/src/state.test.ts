import { describe, expect, test } from 'vitest';
import type { Bar, Fill, Order, Overview } from './api.ts';
import { FakeWorld } from './dev/fake-world.ts';
import { type Action, EMPTY, isOpen, KEPT, reduce, type State } from './state.ts';

const world = new FakeWorld(40);
const after = (...actions: readonly Action[]): State => actions.reduce(reduce, EMPTY);
const overview = (fields: Partial<Overview> = {}): Action => ({
  kind: 'loaded',
  part: 'overview',
  value: { ...world.overview, ...fields },
});
const order = (version: number, state: string, orderId = 'order-x'): Order => {
  const [first] = world.orders;
  if (first === undefined) throw new Error('the fake world has no orders');
  return { ...first, orderId, version, state };
};
const bar = (endUs: number, closeNanos: number, symbol = 'AAPL'): Bar => ({
  symbol,
  feed: 'demo',
  timeframe: '1m',
  startUs: endUs - 60_000_000,
  endUs,
  openNanos: closeNanos,
  highNanos: closeNanos,
  lowNanos: closeNanos,
  closeNanos,
  volume: 1,
});
const fill = (accountSequence: number): Fill => ({
  fillId: `f${accountSequence}`,
  kind: 'fill',
  orderId: 'o',
  accountId: 'paper',
  botId: 'b',
  symbol: 'AAPL',
  side: 'buy',
  quantity: 1,
  priceNanos: 1,
  feeMicros: 0,
  eventAtUs: 1_000 + Math.floor(accountSequence / 2),
  accountSequence,
});
const live = (events: Extract<Action, { kind: 'live' }>['events']): Action => ({
  kind: 'live',
  events,
});

describe('the overview', () => {
  test('chooses the first account and symbol, and keeps what was chosen', () => {
    const state = after(overview());
    expect([state.account, state.symbol]).toEqual(['paper', 'AAPL']);
    const chosen = after(overview(), { kind: 'symbol', symbol: 'SPY' }, overview());
    expect(chosen.symbol).toBe('SPY');
  });

  test('of another run forgets what belongs to the old one', () => {
    const state = after(overview(), live({ fills: [fill(1)] }), overview({ runId: 'other' }));
    expect(state.fills).toEqual([]);
    expect(state.overview?.runId).toBe('other');
  });

  test('never sets the clock of the market back', () => {
    const endUs = world.nowUs + 60_000_000;
    const slice = [{ feed: 'demo', runId: 'r', endUs, last: false }];
    expect(after(live({ slice }), overview()).slices.get('demo')).toBe(endUs);
  });
});

describe('bars', () => {
  const start: readonly Action[] = [overview()];

  test('that come live and are read again count once, oldest first', () => {
    const loaded: Action = {
      kind: 'loaded',
      part: 'bars',
      symbol: 'AAPL',
      value: [bar(60e6, 1), bar(120e6, 2)],
    };
    const state = after(...start, live({ bar: [bar(120e6, 9), bar(180e6, 3)] }), loaded);
    expect(state.bars.map((one) => [one.endUs, one.closeNanos])).toEqual([
      [60e6, 1],
      [120e6, 2],
      [180e6, 3],
    ]);
  });

  test('of another symbol are not mixed in, live or late', () => {
    const late: Action = { kind: 'loaded', part: 'bars', symbol: 'MSFT', value: [bar(60e6, 1)] };
    const state = after(...start, live({ bar: [bar(60e6, 1, 'SPY')] }), late);
    expect(state.bars).toEqual([]);
  });

  test('are forgotten with the symbol and bounded', () => {
    const many = Array.from({ length: KEPT.bars + 10 }, (_, index) => bar((index + 1) * 60e6, 1));
    const full = after(...start, live({ bar: many }));
    expect(full.bars).toHaveLength(KEPT.bars);
    expect(full.bars.at(-1)).toEqual(many.at(-1));
    expect(reduce(full, { kind: 'symbol', symbol: 'SPY' }).bars).toEqual([]);
  });
});

describe('orders', () => {
  test('take the newest version whichever comes last', () => {
    const state = after(
      live({ orders: [order(4, 'filled')] }),
      live({ orders: [order(3, 'accepted')] }),
    );
    expect(state.orders.get('order-x')?.state).toBe('filled');
  });

  test('that ended while an older list was on its way are not opened again', () => {
    const reading: Action = { kind: 'loaded', part: 'orders', value: [order(3, 'accepted')] };
    const state = after(live({ orders: [order(4, 'cancelled')] }), reading);
    expect([...state.orders.values()].filter(isOpen)).toEqual([]);
  });

  test('that are not in a list read anew are gone', () => {
    const reading: Action = { kind: 'loaded', part: 'orders', value: [] };
    expect(after(live({ orders: [order(2, 'accepted')] }), reading).orders.size).toBe(0);
  });
});

describe('lists', () => {
  test('of fills count each once, the latest first', () => {
    const state = after(live({ fills: [fill(1), fill(2)] }), {
      kind: 'loaded',
      part: 'fills',
      value: [fill(3), fill(2)],
    });
    expect(state.fills.map((one) => one.accountSequence)).toEqual([3, 2, 1]);
  });

  test('of drifts lose those that healed', () => {
    const drift = {
      driftId: 'd',
      accountId: 'paper',
      symbol: 'SPY',
      ledger: 1,
      broker: 2,
      openedAtUs: 1,
    };
    const open = after(live({ drift: [drift] }));
    expect(open.drifts).toHaveLength(1);
    expect(reduce(open, live({ drift: [{ ...drift, healedAtUs: 2 }] })).drifts).toEqual([]);
  });

  test('of bots follow the states that come live and drop an old error', () => {
    const bots: Action = { kind: 'loaded', part: 'bots', value: world.bots };
    const now = {
      botId: 'drift-test',
      accountId: 'paper',
      state: 'running',
      lastSliceEndUs: 7,
    } as const;
    const bot = after(bots, live({ bot: [now] })).bots.find((one) => one.botId === 'drift-test');
    expect(bot).toMatchObject({ state: 'running', lastSliceEndUs: 7 });
    expect(bot).not.toHaveProperty('error');
  });

  test('of signals keep the latest of each bot', () => {
    const [signal] = world.signals;
    if (signal === undefined) throw new Error('the fake world has no signals');
    const older = { ...signal, signalId: 'older', barEndUs: signal.barEndUs - 1 };
    const state = after(live({ signal: [signal] }), live({ signal: [older] }));
    expect(state.signals.get(signal.botId)?.signalId).toBe(signal.signalId);
  });
});

test('a part that could not be read says so until it can', () => {
  const problem = { part: 'bots', code: 'RPC.TIMEOUT', why: 'no answer.', fix: '' };
  const failed = after({ kind: 'failed', part: 'bots', problem });
  expect(failed.problems.get('bots')).toEqual(problem);
  const loaded = reduce(failed, { kind: 'loaded', part: 'bots', value: world.bots });
  expect(loaded.problems.size).toBe(0);
});

test('equity of an account that is no longer shown is dropped', () => {
  const points = world.equity.slice(0, 3);
  const state = after(overview(), {
    kind: 'loaded',
    part: 'equity',
    account: 'other',
    value: points,
  });
  expect(state.equity).toEqual([]);
});
