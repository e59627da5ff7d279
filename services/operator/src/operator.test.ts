import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { BOT_SPEC, OperatorWorld } from './operator-world.fixture.ts';
import { STOP_FINALIZER } from './reconcile-bot.ts';

const acts = (world: OperatorWorld) =>
  world.asked.filter((what) => /^(Create|Change|Pause|Resume|Stop)Bot$/.test(what));

describe('a bot as a resource', () => {
  it('is made, and told how it stands', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    expect(world.bots.get('trend')).toMatchObject({ symbols: ['QQQ', 'SPY'], onShutdown: 'leave' });
    expect(world.status('Bot', 'trend')).toMatchObject({
      ...{
        phase: 'Running',
        position: 'SPY 10',
        profit: '1.24',
        observedGeneration: 1,
      },
    });
    expect(world.resources('Bot')[0]?.finalizers).toEqual([STOP_FINALIZER]);
    expect(acts(world)).toEqual(['CreateBot']);
  });

  it('is changed as its resource changes, and only then', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    world.apply('Bot', 'trend', { ...BOT_SPEC, params: { fast: 4, slow: 9 } });
    await world.settle();
    expect(world.bots.get('trend')).toMatchObject({
      params: { fast: 4, slow: 9 },
      configRevision: 2,
    });
    expect(acts(world)).toEqual(['CreateBot', 'ChangeBot']);
  });

  it.each(['stopped', 'paused'] as const)(
    'stays %s by hand until its resource changes',
    async (state) => {
      const world = new OperatorWorld();
      world.apply('Bot', 'trend', BOT_SPEC);
      await world.settle();
      const bot = world.bots.get('trend');
      if (bot !== undefined) world.bots.set('trend', { ...bot, state });
      await world.settle();
      expect(world.bots.get('trend')?.state).toBe(state);
      expect(world.status('Bot', 'trend')?.message).toContain('by hand');
      world.apply('Bot', 'trend', { ...BOT_SPEC, onShutdown: 'flatten' });
      await world.settle();
      expect(world.bots.get('trend')).toMatchObject({ state: 'running', onShutdown: 'flatten' });
    },
  );

  it('goes on as it was where a change of it is refused, and says why', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    world.apply('Bot', 'trend', { ...BOT_SPEC, symbols: ['NOPE'] });
    await world.settle();
    const message = 'the feed does not carry NOPE.';
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Running', message });
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Running' });
    expect(world.status('Bot', 'trend')).not.toHaveProperty('refused');
    expect(world.status('Bot', 'trend')).not.toHaveProperty('message');
  });

  it('is paused and resumed as its resource says', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    world.apply('Bot', 'trend', { ...BOT_SPEC, paused: true });
    await world.settle();
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Paused' });
    world.apply('Bot', 'trend', { ...BOT_SPEC, paused: false });
    await world.settle();
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Running' });
  });

  it('is stopped before its resource goes, and made anew by the next of its name', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    world.delete('Bot', 'trend');
    await world.settle();
    expect(world.bots.get('trend')?.state).toBe('stopped');
    expect(world.resources('Bot')).toEqual([]);
    world.apply('Bot', 'trend', { ...BOT_SPEC, symbols: ['SPY'] });
    await world.settle();
    expect(world.bots.get('trend')).toMatchObject({ state: 'running', symbols: ['SPY'] });
  });

  it('is no bot that somebody else made, unless the resource is to take it over', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.settle();
    const other = new OperatorWorld();
    for (const [name, bot] of world.bots) other.bots.set(name, bot);
    other.apply('Bot', 'trend', BOT_SPEC);
    await other.settle();
    expect(other.status('Bot', 'trend')).toMatchObject({ phase: 'Refused' });
    other.delete('Bot', 'trend');
    await other.settle();
    expect(other.bots.get('trend')?.state).toBe('running');
    expect(acts(other)).toEqual([]);
    other.apply('Bot', 'trend', BOT_SPEC, true);
    await other.settle();
    expect(other.status('Bot', 'trend')).toMatchObject({ phase: 'Running' });
  });

  it.each([
    [{ ...BOT_SPEC, sizing: { kind: 'fixedQuantity', fraction: 1 } }, 'sizing.fraction'],
    [{ ...BOT_SPEC, symbol: 'SPY' }, 'symbol'],
    [{ ...BOT_SPEC, schedule: { start: '25:00' } }, 'schedule.start'],
    [{ ...BOT_SPEC, symbols: ['NOPE'] }, 'does not carry NOPE'],
  ])('is refused with the key where it cannot be: %j', async (spec, why) => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', spec);
    await world.settle();
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Refused' });
    expect(world.status('Bot', 'trend')?.message).toContain(why);
    expect(world.bots.size).toBe(0);
  });

  it.each(['before', 'after'] as const)(
    'comes to the same where any one call is lost %s it was done',
    async (when) => {
      const story = async (world: OperatorWorld) => {
        world.apply('Bot', 'trend', BOT_SPEC);
        await world.settle();
        world.apply('Bot', 'trend', { ...BOT_SPEC, paused: true });
        await world.settle();
        world.delete('Bot', 'trend');
        await world.settle();
      };
      const dry = new OperatorWorld();
      await story(dry);
      expect(dry.calls).toBeGreaterThan(20);
      for (let call = 1; call <= dry.calls; call += 1) {
        const world = new OperatorWorld();
        world.failAt = { call, when };
        await story(world);
        expect(world.bots.get('trend')?.state, `call ${call}`).toBe('stopped');
        expect(world.resources('Bot'), `call ${call}`).toEqual([]);
        expect(new Set(acts(world)), `call ${call}`).toEqual(new Set(acts(dry)));
      }
    },
  );
});

describe('an account as a resource', () => {
  it('sets its limits, takes back what it names no more, and tells how it stands', async () => {
    const world = new OperatorWorld();
    world.apply('Account', 'paper', {
      limits: { maxGrossExposure: 60_000, maxSymbolNotional: 20_000 },
    });
    await world.settle();
    world.apply('Account', 'paper', { limits: { maxGrossExposure: 50_000 } });
    await world.settle();
    expect([...world.limits]).toEqual([['maxGrossExposure', 50_000]]);
    expect(world.asked.filter((what) => what === 'SetLimits')).toHaveLength(2);
    expect(world.status('Account', 'paper')).toMatchObject({
      ...{ phase: 'Killed', killSwitch: 'soft', equity: '5', position: 'SPY 6', venue: 'paper' },
    });
  });

  it('says which accounts there are, and why a limit cannot be', async () => {
    const world = new OperatorWorld();
    world.apply('Account', 'main', {});
    world.apply('Account', 'paper', { limits: { nonsense: 1 } });
    await world.settle();
    expect(world.status('Account', 'main')?.message).toContain('Known: paper.');
    expect(world.status('Account', 'paper')).toMatchObject({ phase: 'Refused' });
  });
});

it('a backtest as a resource is queued once, followed, and told', async () => {
  const world = new OperatorWorld();
  world.apply('BacktestJob', 'one', { bars: 'bars.parquet', strategy: 'ma-cross' });
  await world.settle();
  expect(world.status('BacktestJob', 'one')).toMatchObject({ phase: 'Queued' });
  const result = {
    startEquityMicros: 100,
    endEquityMicros: 112,
    maxDrawdownFraction: 0.05,
    fills: 7,
  };
  const done = { state: 'done', error: '', resultJson: JSON.stringify(result) };
  for (const id of world.jobs.keys()) world.jobs.set(id, done);
  await world.settle();
  expect(world.status('BacktestJob', 'one')).toMatchObject({
    ...{ phase: 'Done', totalReturn: '12.00%', maxDrawdown: '5.00%', fills: 7 },
  });
  expect(world.asked.filter((what) => what === 'SubmitJob')).toHaveLength(1);
});

it('of two operators one acts, and the other once that one is gone', async () => {
  const world = new OperatorWorld();
  const ends = [new AbortController(), new AbortController()] as const;
  const runs = ['one', 'two'].map((holder, index) =>
    world.operator(holder).run(ends[index === 0 ? 0 : 1].signal),
  );
  world.apply('Bot', 'trend', BOT_SPEC);
  await world.clock.advance(30_000);
  expect(acts(world)).toEqual(['CreateBot']);
  const lists = world.asked.filter((what) => what === 'ListBots').length;
  ends[0].abort();
  await world.clock.advance(30_000);
  await runs[0];
  expect(world.asked.filter((what) => what === 'ListBots').length).toBeGreaterThan(lists);
  world.apply('Bot', 'second', { ...BOT_SPEC, symbols: ['SPY'] });
  await world.clock.advance(30_000);
  expect(world.bots.get('second')?.state).toBe('running');
  expect(world.clock.nowUs()).toBeGreaterThan(timeUs(0));
  ends[1].abort();
  await world.clock.advance(30_000);
  await runs[1];
});
