import { encodeBarsClosed, subjects } from '@capstan/contracts';
import { newOrder, quantity, timeUs } from '@capstan/domain';
import { nullMeter, portErrors } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { EmergencyStand } from './emergency.ts';
import { EmergencyJournal, thatCount } from './emergency-journal.ts';
import { KillBrake } from './kill-brake.ts';
import { KillSwitches } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { at, terms, World } from './test-world.ts';

/** A world whose store is away: what goes on is done by {@link EmergencyStand} alone. */
class Outage {
  readonly world: World;
  readonly switches: KillSwitches;
  stand: EmergencyStand;
  token = 100;
  held: () => boolean = () => true;

  /** @param isFresh true for a process that never owned the account while the store was there. */
  constructor(world: World, isFresh = false) {
    this.world = world;
    this.switches = new KillSwitches(world);
    this.stand = this.process(isFresh);
  }

  process(isFresh: boolean): EmergencyStand {
    const { world, switches } = this;
    const { clock, log, venue, bus } = world;
    const known = isFresh ? undefined : world.brake;
    const brake =
      known ?? new KillBrake({ clock, log, venue, meter: nullMeter }, 'paper', switches);
    const botsOf = (symbol: string) => (symbol === 'SPY' ? ['trend'] : []);
    const settings = { ...world.settings, botsOf, feeds: ['demo'] };
    return new EmergencyStand(
      { clock, log, venue, bus, meter: nullMeter },
      settings,
      switches,
      brake,
    );
  }

  step(): Promise<void> {
    const fence = { key: 'execution/paper', epochUs: timeUs(1), token: this.token };
    return this.stand.step({ fence, held: () => this.held() });
  }

  /** Steps as often as an owner would try again. */
  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) {
      await this.step();
      await this.world.clock.advance(LIMITS.absenceMsMin);
    }
  }

  async rounds() {
    return (await new EmergencyJournal(this.world.bus, 'paper').read(undefined)).rounds;
  }

  /** What the venue shows of a symbol. */
  async shown(symbol = 'SPY'): Promise<number> {
    const { positions } = await this.world.venue.account('paper');
    return positions.find((one) => one.symbol === symbol)?.quantity ?? 0;
  }
}

/** Ten SPY are held and an order for QQQ works; then a hard kill is thrown, and the store is away. */
async function killed(
  of: { foreign?: boolean; isFresh?: boolean; lastSlice?: number; lost?: boolean } = {},
): Promise<Outage> {
  const world = new World();
  world.slice(1, [terms('held'), terms('open', { symbol: 'QQQ' })]);
  await world.run();
  world.venue.fill('held', 10);
  if (of.lastSlice !== undefined) world.slice(of.lastSlice, []);
  await world.run();
  if (of.lost === true) await loseOrder(world);
  const outage = new Outage(world, of.isFresh);
  const kill = { mode: 'hard', actor: 'me', reason: 'fire', foreign: of.foreign ?? false } as const;
  await outage.switches.set('paper', kill);
  return outage;
}

/** Lets a sale of four SPY go out of which the venue says nothing: it stays unknown. */
async function loseOrder(world: World): Promise<void> {
  const find = world.venue.find.bind(world.venue);
  world.venue.find = () => Promise.reject(portErrors.venueUnavailable('it says nothing'));
  world.venue.doings.push('lost');
  const four = { side: 'sell', quantity: quantity(4), reducing: true } as const;
  world.slice(2, [terms('lost', { ...four, expiresAtUs: at(3) })]);
  await world.run();
  world.venue.find = find;
}

/** Lets every order fill as it arrives. */
function fillAtOnce({ world }: Outage): void {
  world.venue.onSubmit = () => world.venue.doings.push('fillFirst');
}

const CLOSED = { runId: 'live', feed: 'demo', symbols: [], last: false } as const;
/** A slice that ends after the session. */
const AFTER_CLOSE = 400;

describe('a hard kill without the store', () => {
  it('cancels, writes a round down, and only then sends it; then the broker shows nothing', async () => {
    const outage = await killed();
    const { world } = outage;
    let writtenBefore = 0;
    world.venue.onSubmit = () => {
      world.venue.doings.push('fillFirst');
      writtenBefore = world.bus.messages('TRADING').length;
    };
    await outage.step();
    expect(world.venue.cancels).toContain('open');
    expect(world.venue.arrivals).toEqual(['held', 'open']);
    await outage.steps(3);
    expect(writtenBefore).toBe(1);
    const [round, ...more] = await outage.rounds();
    expect(more).toEqual([]);
    expect(round).toMatchObject({ accountId: 'paper', round: 1, lease: { token: 100 } });
    expect(round?.orders).toMatchObject([
      { botId: 'trend', symbol: 'SPY', side: 'sell', quantity: 10, reducing: true },
    ]);
    expect(await outage.shown()).toBe(0);
    expect(await outage.switches.progress('paper')).toContain('nothing of Capstan');
  });

  it('is taken into the journal once the store is back: once, with its fills, and nothing more is sent', async () => {
    const outage = await killed();
    const { world } = outage;
    fillAtOnce(outage);
    await outage.steps(4);
    const sent = world.venue.arrivals.length;
    await world.run();
    await world.run();
    expect(world.venue.arrivals).toHaveLength(sent);
    const [round] = await outage.rounds();
    const order = await world.order(round?.orders[0]?.orderId ?? '');
    expect(order).toMatchObject({ state: 'filled', filledQuantity: 10, botId: 'trend' });
    const taken = world.log.lines.filter(({ message }) => /took what was sent/.test(message));
    expect(taken).toHaveLength(1);
    const fills = await world.store.fillsAfter('paper', 0, 10);
    expect(fills.map(({ side, quantity: n }) => [side, n])).toEqual([
      ['buy', 10],
      ['sell', 10],
    ]);
    const intents = await world.store.intents({ accountId: 'paper', limit: 10 });
    expect(intents.map((one) => one.intentId)).toContain(round?.intents[0]?.intentId);
  });

  it('an order that works on when the store is back is neither cancelled nor sent again', async () => {
    const outage = await killed();
    const { world } = outage;
    await outage.steps(3);
    const [orderId = ''] = (await outage.rounds()).flatMap((one) =>
      one.orders.map((order) => order.orderId),
    );
    await world.run();
    expect(world.venue.cancels).not.toContain(orderId);
    world.venue.fill(orderId, 10);
    await world.run();
    expect(world.venue.arrivals).toEqual(['held', 'open', orderId]);
    expect(await outage.shown()).toBe(0);
    expect((await world.order(orderId)).state).toBe('filled');
  });

  it('that was written down and never sent is given up, and the journal flattens itself', async () => {
    const outage = await killed();
    const { world } = outage;
    outage.held = () => false;
    await outage.steps(2);
    const [orderId = ''] = (await outage.rounds()).flatMap((one) =>
      one.orders.map((order) => order.orderId),
    );
    expect(world.venue.arrivals).not.toContain(orderId);
    fillAtOnce(outage);
    await world.run();
    expect((await world.order(orderId)).state).toBe('rejected');
    expect(await outage.shown()).toBe(0);
    expect(world.venue.arrivals).toHaveLength(3);
  });

  it('sends no second round while the first may still be on its way, and one for what is left', async () => {
    const outage = await killed();
    const { world } = outage;
    world.venue.doings.push('lost');
    await outage.step();
    await outage.step();
    await outage.step();
    expect(await outage.rounds()).toHaveLength(1);
    await outage.steps(3);
    expect((await outage.rounds()).length).toBe(2);
    const last = (await outage.rounds())[1]?.orders[0];
    world.venue.fill(last?.orderId ?? '', 4);
    await outage.steps(2);
    expect(await outage.rounds()).toHaveLength(2);
    world.venue.fill(last?.orderId ?? '', 6);
    await outage.steps(2);
    expect(await outage.shown()).toBe(0);
    expect(await outage.rounds()).toHaveLength(2);
  });

  it('flattens also the late fill of an order that was already cancelled', async () => {
    const outage = await killed();
    const { world } = outage;
    fillAtOnce(outage);
    await outage.step();
    world.venue.fill('open', 3);
    await outage.steps(3);
    expect([await outage.shown('SPY'), await outage.shown('QQQ')]).toEqual([0, 0]);
    const orders = (await outage.rounds()).flatMap((one) => one.orders);
    expect(orders.map((one) => [one.symbol, one.botId, one.quantity]).sort()).toEqual([
      ['QQQ', 'trend', 3],
      ['SPY', 'trend', 10],
    ]);
  });

  it('leaves foreign positions alone, unless it is told otherwise', async () => {
    for (const foreign of [false, true]) {
      const outage = await killed({ foreign });
      outage.world.venue.foreign.set('SPY', 5).set('QQQ', -2);
      fillAtOnce(outage);
      await outage.steps(5);
      const left = [await outage.shown('SPY'), await outage.shown('QQQ')];
      expect(left).toEqual(foreign ? [0, 0] : [5, -2]);
    }
  });

  it('of a process that knows nothing takes positions from the broker and the time from the feed', async () => {
    const outage = await killed({ isFresh: true });
    const { world } = outage;
    world.venue.foreign.set('QQQ', 7);
    fillAtOnce(outage);
    await outage.step();
    await outage.step();
    expect(await outage.rounds()).toEqual([]);
    await outage.steps(3);
    expect(await outage.switches.progress('paper')).toContain('no feed has closed a slice yet');
    for (const [runId, slice] of [
      ['live', 3],
      ['another', AFTER_CLOSE],
    ] as const) {
      const data = encodeBarsClosed({ ...CLOSED, runId, endUs: at(slice) });
      const subject = subjects.barsClosed('demo');
      await world.bus.publish([{ subject, data, headers: {}, messageId: runId }]);
      await outage.steps(1);
    }
    await outage.steps(3);
    expect([await outage.shown('SPY'), await outage.shown('QQQ')]).toEqual([0, 7]);
    const sent = outage.world.venue.arrivals.length;
    await outage.world.run();
    expect(outage.world.venue.arrivals).toHaveLength(sent);
  });

  it('goes on in another process where the first one stopped, and never doubles what it sent', async () => {
    const outage = await killed();
    await outage.steps(2);
    const data = encodeBarsClosed({ ...CLOSED, endUs: at(3) });
    await outage.world.bus.publish([
      { subject: subjects.barsClosed('demo'), data, headers: {}, messageId: 'closed' },
    ]);
    outage.stand = outage.process(true);
    outage.token += 1;
    await outage.steps(3);
    expect(await outage.rounds()).toHaveLength(1);
    const [order] = (await outage.rounds())[0]?.orders ?? [];
    outage.world.venue.fill(order?.orderId ?? '', 10);
    await outage.steps(3);
    expect(await outage.rounds()).toHaveLength(1);
    expect(await outage.shown()).toBe(0);
  });

  it('of an older lease writes and sends nothing after its successor, which goes on', async () => {
    const outage = await killed();
    outage.world.venue.doings.push('reject');
    await outage.steps(2);
    const sent = outage.world.venue.arrivals.length;
    outage.token -= 1;
    await outage.steps(3);
    expect(await outage.rounds()).toHaveLength(1);
    expect(outage.world.venue.arrivals).toHaveLength(sent);
    outage.token += 1;
    await outage.steps(1);
    expect(await outage.rounds()).toHaveLength(2);
  });

  it('sends nothing while it is not known what became of an order sent before', async () => {
    const outage = await killed({ lost: true });
    await outage.step();
    await outage.step();
    expect(await outage.rounds()).toEqual([]);
    await outage.steps(3);
    expect(await outage.rounds()).toHaveLength(1);
  });

  it('at a venue that cannot be asked for an order leaves to it what it may still take', async () => {
    const outage = await killed({ lost: true });
    const { venue } = outage.world;
    venue.capabilities = { ...venue.capabilities, findsByClientOrderId: false };
    await outage.steps(3);
    const orders = (await outage.rounds()).flatMap((one) => one.orders);
    expect(orders.map(({ symbol, quantity }) => [symbol, quantity])).toEqual([['SPY', 6]]);
  });

  it('leaves what it may still take to an order that was given up and came nevertheless', async () => {
    const outage = await killed();
    const { venue, brake } = outage.world;
    venue.capabilities = { ...venue.capabilities, findsByClientOrderId: false };
    const back = newOrder(terms('back', { side: 'sell', quantity: quantity(4) }), at(1));
    brake?.lastKnown?.returned.set('back', { ...back, state: 'rejected' });
    await outage.steps(3);
    const orders = (await outage.rounds()).flatMap((one) => one.orders);
    expect(orders.map(({ symbol, quantity }) => [symbol, quantity])).toEqual([['SPY', 6]]);
  });

  it('waits for the session where the market is closed, and says so', async () => {
    const outage = await killed({ lastSlice: AFTER_CLOSE });
    await outage.steps(3);
    expect(await outage.rounds()).toEqual([]);
    expect(await outage.switches.progress('paper')).toMatch(
      /the market is closed: flattening is queued: SPY for the session of 2026-01-06/,
    );
  });

  it('does nothing under a soft kill, or none', async () => {
    const outage = await killed();
    await outage.switches.set('paper', { mode: 'off', actor: 'me', reason: '' });
    await outage.steps(2);
    await outage.switches.set('paper', { mode: 'soft', actor: 'me', reason: '' });
    const cancels = outage.world.venue.cancels.length;
    await outage.steps(2);
    expect(await outage.rounds()).toEqual([]);
    expect(outage.world.venue.cancels).toHaveLength(cancels);
  });

  it('sends nothing where the round could not be written down', async () => {
    const outage = await killed();
    const { world } = outage;
    await outage.step();
    world.bus.publishAfter = () => Promise.reject(portErrors.busUnavailable('away'));
    await expect(outage.step()).rejects.toMatchObject({ code: 'BUS.UNAVAILABLE' });
    world.bus.publishAfter = () => Promise.reject(portErrors.busConflict('another wrote'));
    await outage.step();
    expect(world.venue.arrivals).toEqual(['held', 'open']);
  });
});

describe('an emergency journal', () => {
  const round = (token: number, number: number) => ({
    runId: 'live',
    accountId: 'paper',
    killSinceUs: at(1),
    round: number,
    lease: { epochUs: timeUs(1), token },
    intents: [],
    orders: [],
  });

  it('does not count what an older lease wrote after a newer one', () => {
    const rounds = [round(1, 1), round(3, 1), round(2, 2), round(3, 2)];
    expect(thatCount(rounds).map((one) => one.lease.token)).toEqual([1, 3, 3]);
    const anew = { ...round(1, 1), lease: { epochUs: timeUs(2), token: 1 } };
    expect(thatCount([round(3, 1), anew, round(4, 2)])).toEqual([round(3, 1), anew]);
  });

  it('is read from a place on, and begins anew with the stream', async () => {
    const world = new World();
    const journal = new EmergencyJournal(world.bus, 'paper');
    const empty = await journal.read(undefined);
    expect(empty.rounds).toEqual([]);
    const first = await journal.append(round(1, 1), empty.end);
    await journal.append(round(1, 2), first);
    await expect(journal.append(round(1, 3), first)).rejects.toMatchObject({
      code: 'BUS.CONFLICT',
    });
    const all = await journal.read(undefined);
    expect(all.rounds.map((one) => one.round)).toEqual([1, 2]);
    expect((await journal.read(first)).rounds.map((one) => one.round)).toEqual([2]);
    expect((await journal.read(all.end)).rounds).toEqual([]);
    world.bus.recreateStream('TRADING');
    const anew = await journal.read(all.end);
    expect(anew.rounds).toEqual([]);
    await journal.append(round(2, 3), anew.end);
    expect((await journal.read(all.end)).rounds.map((one) => one.round)).toEqual([3]);
  });
});
