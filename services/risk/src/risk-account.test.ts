import { subjects } from '@capstan/contracts';
import { deriveId, parseCash, parsePrice, quantity, ZERO_CASH } from '@capstan/domain';
import {
  closedBreaker,
  DEFAULT_LIMITS,
  encodeBreaker,
  encodeConditions,
  encodeDrifts,
} from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { at, botOf, fillOf, orderOf, RiskWorld, sliceOf } from './risk-world.fixture.ts';

const TWO_BOTS = {
  bots: [
    { botId: 'a', feed: 'demo' },
    { botId: 'b', feed: 'demo' },
  ],
};

function orderIn(world: RiskWorld, index = -1) {
  const order = world
    .approved()
    .flatMap((slice) => slice.orders)
    .at(index);
  if (order === undefined) throw new Error('expected an approved order');
  return order;
}

describe('RiskAccount', () => {
  it('gives the house its opening capital once', async () => {
    const world = await RiskWorld.start();
    await world.restart();
    const house = {
      accountId: 'paper',
      botId: 'house',
      throughSequence: 0,
      cashMicros: parseCash('10000'),
    };
    expect(world.ledger().cash).toEqual([house]);
    expect(world.commits).toHaveLength(1);
  });

  it('tells how far it knew the world as it decided, by the clock on the wall where that is the clock', async () => {
    const world = await RiskWorld.start({ eventTime: false, venueReportsSlices: false });
    world.nowUs = at(1);
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const order = orderIn(world);
    await world.hearOrders({ orders: [orderOf(order, { state: 'filled' })] });
    await world.hearFills({ fills: [fillOf(order, 1)] });
    world.nowUs = at(9);
    await world.say(sliceOf('a', at(3), [['AAA', 'flat']]));
    await world.restart();
    await world.say(sliceOf('a', at(4)));
    expect(world.approved().map(({ grounds }) => grounds)).toEqual([
      { nowUs: at(1), accountSequence: 0, orderSequence: 0 },
      { nowUs: at(9), accountSequence: 1, orderSequence: 2 },
      { nowUs: at(9), accountSequence: 1, orderSequence: 2 },
    ]);
  });

  it('passes on a watermark for a slice that asks for nothing', async () => {
    const world = await RiskWorld.start();
    await world.say(sliceOf('a', at(0)));
    expect(world.approved()).toEqual([
      {
        runId: 'run',
        accountId: 'paper',
        feed: 'demo',
        sliceEndUs: at(0),
        orders: [],
        activeBots: 1,
        cancelOrderIds: [],
        limits: expect.stringContaining('"policies"'),
        grounds: { nowUs: at(0), accountSequence: 0, orderSequence: 0 },
      },
    ]);
    expect(world.denied()).toEqual([]);
  });

  it('decides in one commit: intents, reservations, what is approved', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const commit = world.commits.at(-1);
    const order = orderIn(world);
    expect(order).toMatchObject({ botId: 'a', side: 'buy', quantity: 10, decidedAtUs: at(0) });
    expect(commit?.intents).toMatchObject([{ intentId: order.intentId }]);
    expect(commit?.reservations).toMatchObject([{ orderId: order.orderId, openQuantity: 10 }]);
    expect(commit?.outbox).toMatchObject([
      {
        subject: subjects.approved('paper'),
        correlationId: deriveId('slice', 'run', 'demo', at(0)),
        causationId: 'event-1',
      },
    ]);
  });

  it('passes on which orders fill each other, and reserves what each of a divided one asks for', async () => {
    const limits = { ...DEFAULT_LIMITS, crossing: 'internal' } as const;
    const world = await RiskWorld.start({ ...TWO_BOTS, limits, venueReportsSlices: false });
    world.bots[0] = botOf('a', 14);
    await world.restart();
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.say(sliceOf('b', at(0), [['AAA', 'short']]));
    const [slice] = world.approved();
    const [buy, rest, sell] = slice?.orders ?? [];
    expect([buy, rest, sell].map((one) => [one?.botId, one?.quantity, one?.attempt])).toEqual([
      ['a', 10, 1],
      ['a', 4, 2],
      ['b', 10, 1],
    ]);
    const ids = { buyOrderId: buy?.orderId, sellOrderId: sell?.orderId };
    expect(slice?.crosses).toEqual([{ ...ids, priceNanos: parsePrice('100') }]);
    const reserved = world.openReservations().map((row) => [row.orderId, row.openQuantity]);
    expect(reserved.sort()).toEqual(
      [buy, rest, sell].map((one) => [one?.orderId, one?.quantity]).sort(),
    );
  });

  it('waits until all bots have spoken and the venue is through with the slice', async () => {
    const world = await RiskWorld.start(TWO_BOTS);
    await world.say(sliceOf('b', at(0), [['AAA', 'long']]));
    await world.venueThrough(at(0));
    expect(world.approved()).toEqual([]);
    await world.say(sliceOf('a', at(0), [['BBB', 'short']]));
    expect(orderIn(world, 0)).toMatchObject({ botId: 'a', side: 'sell' });
    expect(orderIn(world, 1)).toMatchObject({ botId: 'b', side: 'buy' });

    await world.say(sliceOf('a', at(1), [['BBB', 'flat']]), sliceOf('b', at(1)));
    expect(world.approved()).toHaveLength(1);
    await world.venueThrough(at(1));
    expect(world.approved()).toHaveLength(2);
  });

  it('says what it denied, and stores it', async () => {
    const world = await RiskWorld.start({
      venueReportsSlices: false,
      cashMicros: parseCash('100'),
    });
    await world.say(
      sliceOf('a', at(0), [
        ['AAA', 'long'],
        ['ZZZ', 'long'],
      ]),
    );
    expect(world.denied()).toMatchObject([
      {
        sliceEndUs: at(0),
        denials: [{ policy: 'buying-power' }, { policy: 'sizing', symbol: 'ZZZ' }],
      },
    ]);
    expect(world.commits.at(-1)?.denials).toHaveLength(2);
    expect(world.approved()).toMatchObject([{ orders: [] }]);
    expect(world.counted).toContain('capstan_risk_denials_total buying-power');
  });

  it('applies fills and order words in the commit of their positions', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const order = orderIn(world);
    await world.hearFills({ fills: [fillOf(order, 1, { quantity: quantity(4) })] });
    expect(world.ledger().positions).toMatchObject([{ botId: 'a', symbol: 'AAA', quantity: 4 }]);
    expect(world.openReservations()).toMatchObject([{ openQuantity: 6 }]);
    await world.hearOrders({ orders: [orderOf(order, { state: 'unknown' })] });
    expect(world.openReservations()).toHaveLength(1);
    await world.hearOrders({
      orders: [orderOf(order, { state: 'cancelled', filledQuantity: quantity(4) })],
    });
    expect(world.openReservations()).toEqual([]);
    const commits = world.commits.length;
    await world.hearOrders({ sliceDone: { feed: 'demo', sliceEndUs: at(0), activeBots: 1 } });
    expect(world.commits).toHaveLength(commits);
  });

  it('goes on after a restart at any commit as if there had been none', async () => {
    const run = async (restarts: boolean) => {
      const world = await RiskWorld.start(TWO_BOTS);
      const step = async (act: () => Promise<void>) => {
        await act();
        if (restarts) await world.restart();
      };
      await step(() =>
        world.say(
          sliceOf('a', at(0), [
            ['AAA', 'long'],
            ['BBB', 'short'],
          ]),
        ),
      );
      await step(() => world.say(sliceOf('b', at(0), [['AAA', 'long']])));
      await step(() => world.venueThrough(at(0)));
      const [first, second, third] = world.approved().flatMap((slice) => slice.orders);
      if (first === undefined || second === undefined || third === undefined) {
        throw new Error('expected three orders');
      }
      await step(() =>
        world.hearOrders({
          orders: [orderOf(first, { state: 'filled', filledQuantity: quantity(10) })],
        }),
      );
      await step(() => world.hearFills({ fills: [fillOf(second, 1, { quantity: quantity(3) })] }));
      await step(() => world.hearFills({ fills: [fillOf(first, 2)] }));
      await step(() => world.say(sliceOf('b', at(1), [['AAA', 'flat']], { state: 'stopped' })));
      await step(() =>
        world.say(
          sliceOf('a', at(1), [
            ['AAA', 'flat'],
            ['BBB', 'flat'],
          ]),
        ),
      );
      await step(() => world.venueThrough(at(1)));
      const closing = world.approved().flatMap((slice) => slice.orders)[4];
      if (closing === undefined) throw new Error('expected five orders');
      // The entry of five still filled two before its cancel came.
      const late = [
        fillOf(second, 3, { quantity: quantity(2) }),
        fillOf(closing, 4, { quantity: quantity(3) }),
      ];
      await step(() => world.hearFills({ fills: late }));
      const words = [
        orderOf(second, { state: 'cancelled', filledQuantity: quantity(5) }),
        orderOf(third, { state: 'cancelled' }),
        orderOf(closing, { state: 'filled', filledQuantity: quantity(3) }),
      ];
      await step(() => world.hearOrders({ orders: words }));
      await step(() => world.say(sliceOf('a', at(2))));
      await step(() => world.venueThrough(at(2)));
      await step(() => world.say(sliceOf('a', at(3))));
      await step(() => world.venueThrough(at(3)));
      return world;
    };
    const [plain, restarted] = [await run(false), await run(true)];
    const told = plain
      .approved()
      .map((slice) => [slice.orders.length, slice.cancelOrderIds.length, slice.activeBots]);
    expect(told).toEqual([
      [3, 0, 2],
      [2, 2, 1],
      [1, 0, 1],
      [0, 0, 1],
    ]);
    const [, , again] = plain.approved();
    expect(again?.orders).toMatchObject([
      { symbol: 'BBB', side: 'buy', quantity: 2, reducing: true, attempt: 2 },
    ]);
    expect(restarted.approved()).toEqual(plain.approved());
    expect(restarted.ledger()).toEqual(plain.ledger());
    expect(restarted.openReservations()).toEqual(plain.openReservations());
    expect(restarted.commits.at(-1)?.state).toEqual(plain.commits.at(-1)?.state);
  });

  it('keeps what only moves a watermark for the commit of the decision, or of a drain', async () => {
    const world = await RiskWorld.start(TWO_BOTS);
    const commits = world.commits.length;
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.venueThrough(at(0));
    expect(world.commits).toHaveLength(commits);
    await world.restart();
    await world.say(sliceOf('b', at(0)));
    expect(world.commits).toHaveLength(commits + 1);
    const order = orderIn(world);
    expect(order).toMatchObject({ botId: 'a' });
    await world.hearOrders({ orders: [orderOf(order, { state: 'accepted' })] });
    expect(world.commits).toHaveLength(commits + 1);
    await world.drain();
    await world.drain();
    expect(world.commits).toHaveLength(commits + 2);
  });

  it('reads fills that the stream lost from the journal, and stops where it does not have them', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const order = orderIn(world);
    const three = (sequence: number) => fillOf(order, sequence, { quantity: quantity(3) });
    world.journaledFills.push(three(1), three(2));
    await world.hearFills({ fills: [three(3)] });
    expect(world.ledger().positions).toMatchObject([{ quantity: 9 }]);
    await expect(world.hearFills({ fills: [three(5)] })).rejects.toMatchObject({
      code: 'RISK_SERVICE.FILL_GAP',
      retry: 'retryable',
    });
  });

  it('carries out a bust of a fill from before a restart', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    const fill = fillOf(orderIn(world), 1, { quantity: quantity(4) });
    await world.hearFills({ fills: [fill] });
    world.journaledFills.push(fill);
    await world.restart();
    await world.hearFills({
      fills: [{ ...fill, fillId: 'x', kind: 'bust', refersTo: 'fill-1', accountSequence: 2 }],
    });
    expect(world.ledger().positions).toMatchObject([{ quantity: 0, costMicros: 0 }]);
    expect(world.openReservations()).toMatchObject([{ openQuantity: 10 }]);
  });

  it('denies adding while the kill switch is thrown or cannot be read', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.setKillSwitch(JSON.stringify({ mode: 'hard', actor: 'ana', reason: 'drill' }));
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.setKillSwitch('{"mode":');
    await world.restart();
    await world.say(sliceOf('a', at(1), [['AAA', 'long']]));
    await world.setKillSwitch('');
    await world.say(sliceOf('a', at(2), [['AAA', 'long']]));
    expect(world.denied().flatMap((slice) => slice.denials)).toMatchObject([
      { policy: 'kill-switch', reason: 'the hard kill switch was thrown by ana: drill' },
      { policy: 'kill-switch', reason: expect.stringContaining('cannot be read') },
    ]);
    expect(orderIn(world).decidedAtUs).toBe(at(2));
  });

  it('denies adding while the breaker is open or cannot be read, also after a restart', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    const open = { ...closedBreaker(5), open: true, failures: 5, reason: 'not today' };
    await world.setBreaker(encodeBreaker(open));
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.setBreaker('{"open":');
    await world.restart();
    await world.say(sliceOf('a', at(1), [['AAA', 'long']]));
    await world.setBreaker(encodeBreaker(closedBreaker(5)));
    await world.say(sliceOf('a', at(2), [['AAA', 'long']]));
    expect(world.denied().flatMap((slice) => slice.denials)).toMatchObject([
      { policy: 'breaker', reason: expect.stringContaining('the last: not today') },
      { policy: 'breaker', reason: expect.stringContaining('cannot be read') },
    ]);
    expect(orderIn(world).decidedAtUs).toBe(at(2));
  });

  it('says of an account at a broker that it is not open, also after a restart', async () => {
    const world = await RiskWorld.start({ cashMicros: ZERO_CASH, venueReportsSlices: false });
    world.bots[0] = botOf('a', 10, { sizing: { kind: 'equityFraction', fraction: 0.15 } });
    await world.restart();
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.restart();
    await world.say(sliceOf('a', at(1), [['AAA', 'long']]));
    const denials = world.denied().flatMap((slice) => slice.denials);
    const reason = expect.stringMatching(/^the account is not open yet, .*: 0\.15 of equity 0\.00/);
    expect(denials).toMatchObject([
      { policy: 'sizing', reason },
      { policy: 'sizing', reason },
    ]);
  });

  it('adds nothing to a symbol that drifts, and goes on once it is healed, also after a restart', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.setDrifts(encodeDrifts([{ symbol: 'AAA', ledger: 10, broker: 9 }]));
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.restart();
    await world.say(sliceOf('a', at(1), [['AAA', 'long']]));
    await world.setDrifts(encodeDrifts([]));
    await world.say(sliceOf('a', at(2), [['AAA', 'long']]));
    const denial = { policy: 'drift', reason: 'the ledger has 10 of AAA and the broker 9' };
    expect(world.denied().flatMap((slice) => slice.denials)).toMatchObject([denial, denial]);
    expect(orderIn(world).decidedAtUs).toBe(at(2));
  });

  it('adds nothing to what the venue halts, nor while its clock is far from ours, also after a restart', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    const free = { clockOffsetUs: 0, halted: [], shortRestricted: [] };
    await world.setConditions(encodeConditions({ ...free, halted: ['AAA'] }));
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    await world.restart();
    await world.say(sliceOf('a', at(1), [['AAA', 'long']]));
    await world.setConditions(encodeConditions({ ...free, clockOffsetUs: 10_000_001 }));
    await world.say(sliceOf('a', at(2), [['AAA', 'long']]));
    await world.setConditions('{');
    await world.say(sliceOf('a', at(3), [['AAA', 'long']]));
    await world.setConditions(encodeConditions({ ...free, clockOffsetUs: 10_000_000 }));
    await world.say(sliceOf('a', at(4), [['AAA', 'long']]));
    const halted = { policy: 'halted-symbol', reason: expect.stringContaining('AAA is halted') };
    expect(world.denied().flatMap((slice) => slice.denials)).toMatchObject([
      halted,
      halted,
      { policy: 'clock-offset', reason: expect.stringContaining('10.000001 s off') },
      { policy: 'halted-symbol', reason: expect.stringContaining('cannot be read') },
    ]);
    expect(orderIn(world).decidedAtUs).toBe(at(4));
  });

  it('follows the switch of its account', async () => {
    const world = await RiskWorld.start();
    const [kill, breaker, drifts] = await world.account.openSources();
    expect(await kill?.next()).toMatchObject([{ key: 'switches:kill/paper' }]);
    expect(await breaker?.next()).toMatchObject([{ key: 'switches:breaker/paper' }]);
    expect(await drifts?.next()).toMatchObject([{ key: 'switches:drifts/paper' }]);
    await kill?.close();
    await breaker?.close();
    await drifts?.close();
  });

  it('sizes a bot by its record as of the configuration that it signalled under', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    world.bots[0] = botOf('a', 25, { configRevision: 2 });
    const slice = sliceOf('a', at(0), [['AAA', 'long']]);
    const signals = slice.signals.map((signal) => ({ ...signal, configRevision: 2 }));
    await world.say({ ...slice, signals });
    expect(orderIn(world).quantity).toBe(25);
  });

  it('uses the wall clock for the age of a decision outside of playbacks', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false, eventTime: false });
    world.nowUs = at(2);
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    expect(world.denied()[0]?.denials).toMatchObject([{ policy: 'decision-age' }]);
  });

  it('says its watermark again when a bot stops or joins after the slice was decided', async () => {
    const world = await RiskWorld.start(TWO_BOTS);
    await world.say(sliceOf('a', at(0)), sliceOf('b', at(0)));
    await world.say(sliceOf('b', at(0), [], { state: 'stopped' }));
    await world.say(sliceOf('b', at(0)));
    expect(world.approved().map((slice) => [slice.sliceEndUs, slice.activeBots])).toEqual([
      [at(0), 2],
      [at(0), 1],
      [at(0), 2],
    ]);
  });

  it('denies what a bot asks for in a slice that is decided', async () => {
    const world = await RiskWorld.start({ venueReportsSlices: false });
    await world.say(sliceOf('a', at(1)));
    await world.say(sliceOf('a', at(0), [['AAA', 'long']]));
    expect(world.denied()).toMatchObject([{ denials: [{ policy: 'slice-order' }] }]);
    expect(world.openReservations()).toEqual([]);
  });

  it('passes over slices of other accounts and runs', async () => {
    const world = await RiskWorld.start();
    const commits = world.commits.length;
    await world.say(
      sliceOf('a', at(0), [], { accountId: 'other' }),
      sliceOf('a', at(0), [], { runId: 'other' }),
    );
    expect(world.commits).toHaveLength(commits);
  });
});
