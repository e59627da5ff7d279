import { describe, expect, it } from 'vitest';
import { at, BreakingStore, CONFIG, SignalWorld } from './signal-world.fixture.ts';

const UP = { QQQ: 110, SPY: 110 };
const DOWN = { QQQ: 90, SPY: 90 };

/** A bot that has said hello after two bars of history. */
async function running(...args: ConstructorParameters<typeof SignalWorld>): Promise<SignalWorld> {
  const world = new SignalWorld(...args);
  await world.past(DOWN, DOWN);
  await world.open(2);
  await world.until('the hello', () => world.slices().length > 0);
  return world;
}

describe('BotOwner', () => {
  it('waits for its feed to open, warms up, and says hello as of the newest bar', async () => {
    const world = new SignalWorld();
    await world.past(DOWN, DOWN);
    await world.settle();
    expect(world.said()).toEqual([]);
    expect(await world.bot()).toMatchObject({ state: 'starting', symbols: ['QQQ', 'SPY'] });
    await world.open(2);
    await world.until('the hello', () => world.slices().length > 0);
    expect(world.slices()).toMatchObject([
      { sliceEndUs: at(2), state: 'starting', signals: [], marks: [{ symbol: 'QQQ' }, {}] },
    ]);
    expect(await world.bot()).toMatchObject({ state: 'running', lastSliceEndUs: at(2) });
  });

  it('says hello without any bars', async () => {
    const world = new SignalWorld();
    await world.open();
    await world.until('the hello', () => world.slices().length > 0);
    expect(world.said()).toEqual(['none starting']);
  });

  it('gives signals where its mind changes, and its watermark always', async () => {
    const world = await running();
    await world.step(3, UP);
    await world.step(4, { QQQ: 110 });
    await world.step(5, DOWN);
    expect(world.said()).toEqual([
      '2 starting',
      '3 running QQQ long SPY long',
      '4 running QQQ long',
      '5 running QQQ flat SPY flat',
    ]);
    expect(await world.store.signals({ limit: 10 })).toHaveLength(5);
    expect(await world.bot()).toMatchObject({ lastSliceEndUs: at(5) });
  });

  it('joins late: it skips what passed, and what lies half in the stream', async () => {
    const world = new SignalWorld();
    for (const minute of [1, 2]) await world.slice(minute, UP);
    await world.until('the hello', () => world.slices().length > 0);
    await world.step(3, DOWN);
    expect(world.said()).toEqual(['2 starting', '3 running QQQ flat SPY flat']);
  });

  it('waits for a bar that comes after its closing', async () => {
    const world = await running();
    const [first, second] = await world.journal(3, UP);
    if (first === undefined || second === undefined) throw new Error('expected two bars');
    await world.publishBar(first);
    await world.close(3, ['QQQ', 'SPY']);
    await world.settle();
    expect(world.said()).toHaveLength(1);
    await world.publishBar(second);
    await world.heard(3);
    expect(world.said().at(-1)).toBe('3 running QQQ long SPY long');
  });

  it('decides on the first publication of a bar, whatever comes as a correction', async () => {
    const world = await running();
    const [first, second] = await world.journal(3, UP);
    const [wrong] = await world.journal(4, DOWN);
    if (first === undefined || second === undefined || wrong === undefined)
      throw new Error('no bars');
    await world.publishBar(first);
    await world.publishBar({ ...wrong, ...{ endUs: at(3), startUs: first.startUs, revision: 1 } });
    await world.publishBar(second);
    await world.close(3, ['QQQ', 'SPY']);
    await world.heard(3);
    expect(world.said().at(-1)).toBe('3 running QQQ long SPY long');
  });

  it('reads from the journal what a new stream has lost', async () => {
    const world = await running();
    await world.step(3, UP);
    world.bus.recreateStream('MARKET');
    await world.step(4, DOWN);
    expect(world.said().at(-1)).toBe('4 running QQQ flat SPY flat');
  });

  it('goes on from its checkpoint and the journal as if it had never stopped', async () => {
    const price = (minute: number) => (minute % 3 === 0 ? DOWN : { QQQ: 101 + minute, SPY: 90 });
    const play = async (world: SignalWorld) => {
      for (let minute = 3; minute <= 8; minute += 1) await world.step(minute, price(minute));
      await world.restart();
      await world.step(9, UP);
      return JSON.stringify(world.slices());
    };
    const calm = await running();
    const said = await play(calm);
    const commits = calm.store.commits;
    expect(commits).toBeGreaterThan(8);
    for (let cut = 1; cut <= commits; cut += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = await running({}, new BreakingStore(cut, when));
        expect(await play(world)).toBe(said);
      }
    }
  });

  it('takes up bars that were handed over before it was replaced', async () => {
    const world = await running();
    const [first, second] = await world.journal(3, UP);
    if (first === undefined || second === undefined) throw new Error('expected two bars');
    await world.publishBar(first);
    await world.command('PauseBot');
    await world.command('ResumeBot');
    await world.restart();
    await world.publishBar(second);
    await world.close(3, ['QQQ', 'SPY']);
    await world.heard(3);
    expect(world.said().at(-1)).toBe('3 running QQQ long SPY long');
  });

  it('begins a new revision where the configuration decides differently', async () => {
    const world = await running();
    const config = { ...(await world.bot()), params: { fast: 1, slow: 2 }, strategy: 'ma-cross' };
    await world.restart({ config });
    await world.until('the second hello', () => world.slices().length === 2);
    expect(await world.bot()).toMatchObject({ configRevision: 2, strategy: 'ma-cross' });
    await world.step(3, UP);
    expect(world.slices().at(-1)?.signals[0]).toMatchObject({ configRevision: 2 });
    await world.restart({ config: { ...config, restartOnCrash: false } });
    await world.step(4, DOWN);
    expect(await world.bot()).toMatchObject({ configRevision: 2, restartOnCrash: false });
  });
});

describe('a bot that a request created', () => {
  it('decides by another configuration once it is changed, in other symbols, over a restart', async () => {
    const world = await running({ symbols: ['SPY'] });
    await world.restart({ config: undefined });
    const to = { ...CONFIG, symbols: ['QQQ'] };
    const done = await world.command('ChangeBot', JSON.stringify(to));
    expect(done).toMatchObject({ state: 'done', result: 'changed: revision 2.' });
    await world.step(3, UP);
    expect(world.said().at(-1)).toBe('3 running QQQ long');
    await world.restart();
    await world.step(4, DOWN);
    expect(world.said().at(-1)).toBe('4 running QQQ flat');
    expect(await world.bot()).toMatchObject({ configRevision: 2, symbols: ['QQQ'] });
  });
});

describe('a bot with a schedule', () => {
  // Minute 0 is 12:00 in New York.
  const schedule = { start: '12:04', end: '12:06', atEnd: 'hold' } as const;

  it('says its watermark always, opens only within, and closes also after', async () => {
    const world = await running({ schedule });
    for (const minute of [3, 4, 5, 6, 7]) await world.step(minute, { QQQ: 110, SPY: 90 });
    await world.restart();
    await world.step(8, { QQQ: 90, SPY: 110 });
    expect(world.said()).toEqual([
      '2 starting',
      '3 running SPY flat',
      '4 running QQQ long',
      '5 running QQQ long',
      '6 running',
      '7 running',
      '8 running QQQ flat',
    ]);
    expect(await world.bot()).toMatchObject({ schedule, lastSliceEndUs: at(8) });
  });

  it('is a new revision where the schedule changes, and the same where it does not', async () => {
    const world = await running({ schedule });
    await world.restart({ config: { ...CONFIG, schedule: { ...schedule } } });
    await world.step(3, UP);
    expect(await world.bot()).toMatchObject({ configRevision: 1 });
    await world.restart({ config: { ...CONFIG, schedule: undefined } });
    await world.until('the second hello', () => world.said().at(-1) === '3 starting');
    expect(await world.bot()).toMatchObject({ configRevision: 2 });
    expect(await world.bot()).not.toHaveProperty('schedule');
    await world.step(4, UP);
    expect(world.said().at(-1)).toBe('4 running QQQ long SPY long');
  });
});

describe('a bot whose strategy throws', () => {
  const BAD = { QQQ: 110, SPY: 666 };

  it('is crashed, keeps its watermark, and starts again from history after a while', async () => {
    const world = await running();
    await world.step(3, BAD);
    expect(await world.bot()).toMatchObject({ state: 'crashed', restarts: 1 });
    expect((await world.bot()).error).toContain('symbol SPY');
    await world.slice(4, UP);
    await world.heard(4);
    expect(world.said()).toEqual(['2 starting', '3 crashed', '4 crashed']);
    expect(world.slices().at(-1)?.marks).toMatchObject([{ priceNanos: 110e9 }, {}]);
  });

  it('backs off longer each time, and runs once it can', async () => {
    const world = await running();
    await world.step(3, BAD);
    const crashes = async () => (await world.bot()).restarts;
    await world.until('a second crash', async () => (await crashes()) === 2);
    const { updatedAtUs } = await world.bot();
    await world.until('a third crash', async () => (await crashes()) === 3);
    expect((await world.bot()).updatedAtUs - updatedAtUs).toBe(2_000_000);
    for (let minute = 4; minute < 40; minute += 1) await world.step(minute, UP);
    await world.until('a restart', async () => (await world.bot()).state === 'running');
    expect((await world.bot()).error).toBeUndefined();
    await world.step(40, DOWN);
    expect(world.said().at(-1)).toBe('40 running QQQ flat SPY flat');
  });

  it.each([
    ['its own rule says so', { restartOnCrash: false }, {}],
    ['the installation says so', {}, { restart: false }],
  ])('stays down where %s, until somebody resumes it', async (_, config, changes) => {
    const world = await running(config);
    await world.restart(changes);
    await world.step(3, BAD);
    await world.clock.advance(120_000);
    expect(await world.bot()).toMatchObject({ state: 'crashed', restarts: 1 });
    await world.restart();
    for (let minute = 4; minute < 40; minute += 1) await world.step(minute, UP);
    expect(await world.command('ResumeBot')).toMatchObject({ state: 'done' });
    await world.step(40, DOWN);
    expect(world.said().slice(-2)).toEqual(['39 starting', '40 running QQQ flat SPY flat']);
    expect(await world.bot()).toMatchObject({ state: 'running' });
  });

  it.each([
    ['an unknown strategy', { strategy: 'fragil' }, "Did you mean 'fragile'?"],
    ['an unknown parameter', { params: { size: 3 } }, "no parameter 'size'"],
    ['a timeframe that no feed carries', { timeframe: '5m' as const }, 'decides on 5m bars'],
  ])('is crashed from the start by %s, and holds nobody up', async (_, config, why) => {
    const world = await running(config);
    expect(await world.bot()).toMatchObject({
      state: 'crashed',
      error: expect.stringContaining(why),
    });
    await world.step(3, UP);
    await world.clock.advance(10_000);
    await world.step(4, UP);
    expect(new Set(world.slices().map((slice) => slice.state))).toEqual(new Set(['crashed']));
    expect(world.status.kind).toBe('owning');
    expect((await world.bot()).restarts).toBeGreaterThan(1);
  });
});

describe('a bot that is told', () => {
  it('watches in silence while it is paused, and then says what has changed', async () => {
    const world = await running();
    await world.step(3, UP);
    expect(await world.command('PauseBot')).toMatchObject({ state: 'done' });
    expect(await world.command('PauseBot')).toMatchObject({ state: 'refused' });
    await world.step(4, DOWN);
    await world.restart();
    expect(await world.command('ResumeBot')).toMatchObject({ state: 'done' });
    expect(await world.command('ResumeBot')).toMatchObject({ state: 'refused' });
    await world.step(5, DOWN);
    expect(world.said()).toEqual([
      '2 starting',
      '3 running QQQ long SPY long',
      '4 paused',
      '5 running QQQ flat SPY flat',
    ]);
    expect(await world.store.audit(10)).toHaveLength(4);
  });

  it('says a last word when it is stopped, and begins like a new one when it is resumed', async () => {
    const world = await running();
    await world.step(3, UP);
    expect(await world.command('StopBot')).toMatchObject({ state: 'done' });
    expect(await world.command('StopBot')).toMatchObject({ state: 'refused' });
    expect(await world.command('PauseBot')).toMatchObject({ state: 'refused' });
    for (const minute of [4, 5]) await world.slice(minute, DOWN);
    await world.settle();
    expect(world.said().slice(1)).toEqual(['3 running QQQ long SPY long', '3 stopped']);
    await world.restart();
    expect(await world.command('ResumeBot')).toMatchObject({ state: 'done' });
    await world.until('the hello', () => world.said().at(-1) === '5 starting');
    await world.step(6, UP);
    expect(world.said().slice(-2)).toEqual(['5 starting', '6 running QQQ long SPY long']);
  });

  it('closes what is open at the next slice where it is to leave nothing', async () => {
    const world = await running({ onShutdown: 'flatten' });
    await world.step(3, UP);
    const command = await world.ask('StopBot');
    await world.settle();
    expect(await world.store.command(command.commandId)).toMatchObject({ state: 'pending' });
    await world.step(4, UP);
    await world.settle();
    expect(await world.store.command(command.commandId)).toMatchObject({ state: 'done' });
    expect(world.said().at(-1)).toBe('4 stopped QQQ flat SPY flat');
    const [last] = world.slices().slice(-1);
    expect(last?.signals[0]).toMatchObject({ configRevision: 2, referencePriceNanos: 110e9 });
  });

  it('closes what a crashed bot left open', async () => {
    const world = await running({ onShutdown: 'flatten', restartOnCrash: false });
    await world.step(3, UP);
    await world.step(4, { QQQ: 110, SPY: 666 });
    await world.restart();
    await world.ask('StopBot');
    await world.settle();
    await world.step(5, { QQQ: 111 });
    expect(world.said().at(-1)).toBe('5 stopped QQQ flat SPY flat');
  });

  it('stops at once where the feed has ended, also after a restart', async () => {
    const world = await running({ onShutdown: 'flatten' });
    await world.step(3, UP, true);
    await world.restart();
    expect(await world.command('StopBot')).toMatchObject({ state: 'done' });
    expect(world.said().at(-1)).toBe('3 stopped');
  });

  it('knows no other commands', async () => {
    const world = await running();
    expect(await world.command('Dance')).toMatchObject({
      state: 'refused',
      result: 'a bot knows no command Dance.',
    });
  });
});
