import { timeUs } from '@capstan/domain';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { BOT_SPEC, OperatorWorld } from './operator-world.fixture.ts';
import { STOP_FINALIZER } from './reconcile-bot.ts';

const COMMANDS = /^(CreateBot|ChangeBot|PauseBot|ResumeBot|StopBot|SetLimits|SubmitJob)$/;
const acts = (world: OperatorWorld) => world.asked.filter((what) => COMMANDS.test(what));

/** A world with a bot of a resource that runs. */
async function trading(spec: object = BOT_SPEC): Promise<OperatorWorld> {
  const world = new OperatorWorld();
  world.apply('Bot', 'trend', spec);
  await world.settle();
  return world;
}

/** Puts a bot of the platform into another state, as a person does by hand. */
function byHand(world: OperatorWorld, state: 'running' | 'stopped' | 'paused'): void {
  const bot = world.bots.get('trend');
  if (bot !== undefined) world.bots.set('trend', { ...bot, state });
}

describe('a bot of a resource', () => {
  it('is made paused where it is to be, and never runs meanwhile', async () => {
    const world = await trading({ ...BOT_SPEC, paused: true });
    expect(acts(world)).toEqual(['CreateBot']);
    expect(world.bots.get('trend')?.state).toBe('paused');
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Paused', observedGeneration: 1 });
  });

  it('is paused as soon as it runs, where it cannot be before', async () => {
    const world = await trading();
    const bot = world.bots.get('trend');
    if (bot !== undefined) world.bots.set('trend', { ...bot, state: 'crashed' });
    world.apply('Bot', 'trend', { ...BOT_SPEC, paused: true });
    await world.settle();
    expect(world.status('Bot', 'trend')).toMatchObject({ observedGeneration: 1, phase: 'Crashed' });
    byHand(world, 'running');
    await world.settle();
    expect(world.bots.get('trend')?.state).toBe('paused');
    expect(world.status('Bot', 'trend')).toMatchObject({ observedGeneration: 2, phase: 'Paused' });
  });

  it('stays stopped by hand where what was heard of its resource is older than that', async () => {
    const world = await trading();
    world.apply('Bot', 'trend', { ...BOT_SPEC, onShutdown: 'flatten' });
    world.deafen();
    await world.operator('one').pass();
    byHand(world, 'stopped');
    const before = acts(world).length;
    await world.operator('two').pass();
    expect(world.bots.get('trend')?.state).toBe('stopped');
    expect(acts(world)).toHaveLength(before);
  });

  it('stays stopped by hand where the answer to the wish that had resumed it was lost', async () => {
    const world = await trading();
    byHand(world, 'paused');
    world.apply('Bot', 'trend', { ...BOT_SPEC, onShutdown: 'flatten' });
    world.onCall = (what) => {
      if (what !== 'ResumeBot') return;
      world.failAt = { call: world.calls, when: 'after' };
      world.onCall = () => undefined;
    };
    await world.operator().pass();
    expect(world.bots.get('trend')?.state).toBe('running');
    byHand(world, 'stopped');
    await world.settle();
    expect(world.bots.get('trend')?.state).toBe('stopped');
  });

  it('is taken over once a person allows it, which is no change of what is wanted', async () => {
    const world = await trading();
    const other = new OperatorWorld();
    for (const [name, bot] of world.bots) other.bots.set(name, bot);
    other.apply('Bot', 'trend', BOT_SPEC);
    const operator = other.operator();
    for (let pass = 0; pass < 5; pass += 1) await operator.pass();
    expect(other.status('Bot', 'trend')).toMatchObject({ phase: 'Refused' });
    other.touch('Bot', 'trend', { adopts: true });
    for (let pass = 0; pass < 5; pass += 1) await operator.pass();
    expect(other.status('Bot', 'trend')).toMatchObject({ phase: 'Running', own: 'trend' });
    other.delete('Bot', 'trend');
    await other.settle();
    expect(other.bots.get('trend')?.state).toBe('stopped');
  });

  it('is nobody’s where it was refused: the end of the resource stops no bot made by hand since', async () => {
    const world = await trading({ ...BOT_SPEC, symbols: ['NOPE'] });
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Refused' });
    const other = await trading();
    for (const [name, bot] of other.bots) world.bots.set(name, bot);
    await world.settle();
    world.delete('Bot', 'trend');
    await world.settle();
    expect(world.resources('Bot')).toEqual([]);
    expect(world.bots.get('trend')?.state).toBe('running');
  });

  it('is held again where somebody took its finalizer away', async () => {
    const world = await trading();
    world.touch('Bot', 'trend', { finalizers: ['example.com/other'] });
    await world.settle();
    expect(world.resources('Bot')[0]?.finalizers).toEqual(['example.com/other', STOP_FINALIZER]);
  });

  it('is stopped also where its resource went while nobody looked', async () => {
    const world = await trading();
    world.delete('Bot', 'trend');
    world.silent.set('ListBots', 5_000);
    const away = world.operator().pass();
    await world.clock.advance(10_000);
    await away;
    expect(world.status('Bot', 'trend')).toMatchObject({
      phase: 'Stopping',
      message: 'the platform was asked: no answer to ListBots.',
    });
    world.silent.clear();
    await world.settle();
    expect(world.bots.get('trend')?.state).toBe('stopped');
    expect(world.resources('Bot')).toEqual([]);
  });

  it('that closes first is stopped by one command, however long its next bars are away', async () => {
    const world = await trading({ ...BOT_SPEC, onShutdown: 'flatten' });
    const ids = new Set<string>();
    world.onCommand = ({ commandId }) => ids.add(commandId);
    world.silent.set('StopBot', LIMITS.askTimeoutMs);
    world.delete('Bot', 'trend');
    const ending = new AbortController();
    const running = world.operator().run(ending.signal);
    await world.clock.advance(3_600_000);
    ending.abort();
    await world.clock.advance(60_000);
    await running;
    expect(ids.size).toBe(1);
    expect([...ids]).not.toContain('');
    const asked = acts(world).filter((what) => what === 'StopBot').length;
    expect(asked).toBeGreaterThan(40);
    expect(asked).toBeLessThan(70);
  });
});

describe('an operator', () => {
  it('asks for nothing more from the moment on that its lease is lost', async () => {
    const world = await trading();
    byHand(world, 'paused');
    world.apply('Bot', 'trend', { ...BOT_SPEC, onShutdown: 'flatten' });
    let isHeld = true;
    world.onCall = (what) => {
      if (what === 'ChangeBot') isHeld = false;
    };
    world.asked.length = 0;
    await world.operator().pass(() => isHeld);
    expect(world.asked).toEqual(['read Bot', 'ListBots', 'ChangeBot']);
    expect(world.bots.get('trend')?.state).toBe('paused');
    world.onCall = () => undefined;
    await world.operator('two').pass();
    expect(world.bots.get('trend')?.state).toBe('running');
  });

  it('asks for one that is gone once in a while, where it has yet to hear of that', async () => {
    const world = await trading();
    world.apply('Bot', 'trend', { ...BOT_SPEC, onShutdown: 'flatten' });
    const operator = world.operator();
    world.failAt = { call: world.calls + 1, when: 'before' };
    expect(await operator.pass()).toBe(LIMITS.retryFirstMs);
    world.deafen();
    world.touch('Bot', 'trend', { finalizers: [] });
    world.delete('Bot', 'trend');
    await world.clock.advance(LIMITS.retryFirstMs);
    expect(await operator.pass()).toBe(Number.POSITIVE_INFINITY);
    expect(world.asked.at(-1)).toBe('read Bot');
  });

  it('looks after 200 bots in seconds also while their figures are away', async () => {
    const world = new OperatorWorld();
    for (let bot = 0; bot < 200; bot += 1) world.apply('Bot', `bot-${bot}`, BOT_SPEC);
    await world.settle();
    world.silent.set('GetEquity', LIMITS.askTimeoutMs);
    world.delete('Bot', 'bot-199');
    const startedMs = world.clock.monotonicMs();
    let endedMs = 0;
    const pass = world
      .operator()
      .pass()
      .then(() => {
        endedMs = world.clock.monotonicMs();
      });
    await world.clock.advance(60_000);
    await pass;
    expect(endedMs - startedMs).toBeLessThanOrEqual(LIMITS.askTimeoutMs);
    expect(world.bots.get('bot-199')?.state).toBe('stopped');
    expect(world.status('Bot', 'bot-0')).toMatchObject({
      phase: 'Running',
      profit: '1.24',
      message: 'its figures are the last that were told: no answer to GetEquity.',
    });
  });

  it('is not held up by bots whose stop takes its time', async () => {
    const world = new OperatorWorld();
    for (let bot = 0; bot < 40; bot += 1) world.apply('Bot', `bot-${bot}`, BOT_SPEC);
    await world.settle();
    world.silent.set('StopBot', LIMITS.askTimeoutMs);
    for (let bot = 0; bot < 40; bot += 1) world.delete('Bot', `bot-${bot}`);
    const ending = new AbortController();
    const running = world.operator().run(ending.signal);
    await world.clock.advance(1_000);
    world.apply('Bot', 'trend', BOT_SPEC);
    await world.clock.advance(40_000);
    expect(world.bots.get('trend')?.state).toBe('running');
    ending.abort();
    await world.clock.advance(60_000);
    await running;
  });

  it('says of a bot that nothing is known of it, once it could not ask twice, and when it can again', async () => {
    const world = await trading();
    world.silent.set('ListBots', 10);
    const operator = world.operator();
    const phases: unknown[] = [];
    for (let pass = 0; pass < 3; pass += 1) {
      const passing = operator.pass();
      await world.clock.advance(LIMITS.retryMaxMs);
      await passing;
      phases.push(world.status('Bot', 'trend')?.phase);
    }
    world.silent.clear();
    await operator.pass();
    phases.push(world.status('Bot', 'trend')?.phase);
    expect(phases).toEqual(['Running', 'Unknown', 'Unknown', 'Running']);
    expect(world.status('Bot', 'trend')).not.toHaveProperty('message');
    expect(acts(world)).toEqual(['CreateBot']);
  });

  it('tries what fails less and less often', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    world.silent.set('ListBots', 0);
    const ending = new AbortController();
    const running = world.operator().run(ending.signal);
    await world.clock.advance(600_000);
    const tries = world.asked.filter((what) => what === 'ListBots').length;
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(20);
    ending.abort();
    await world.clock.advance(60_000);
    await running;
  });

  it('passes on once more what was refused as it begins, as a release may have brought what was missing', async () => {
    const world = new OperatorWorld();
    world.apply('Bot', 'trend', BOT_SPEC);
    world.refuses = "there is no account 'paper'.";
    const first = world.operator('first');
    for (let pass = 0; pass < 5; pass += 1) await first.pass();
    expect(acts(world)).toEqual(['CreateBot']);
    world.refuses = undefined;
    for (let pass = 0; pass < 5; pass += 1) await first.pass();
    expect(world.bots.size).toBe(0);
    const next = world.operator('next');
    for (let pass = 0; pass < 5; pass += 1) await next.pass();
    expect(world.status('Bot', 'trend')).toMatchObject({ phase: 'Running' });
    expect(acts(world)).toEqual(['CreateBot', 'CreateBot']);
  });

  it('tells by events how the state turns and what was refused, each once', async () => {
    const world = await trading();
    world.apply('Bot', 'trend', { ...BOT_SPEC, symbols: ['NOPE'] });
    await world.settle();
    byHand(world, 'stopped');
    await world.settle();
    expect(world.happened).toEqual([
      'Bot/trend Starting: CreateBot done.',
      'Bot/trend Running',
      'Bot/trend Refused: the feed does not carry NOPE.',
      'Bot/trend Stopped: the feed does not carry NOPE.',
    ]);
  });
});

describe('an account', () => {
  it('is well again where the configuration lacked it for a while', async () => {
    const world = new OperatorWorld();
    world.apply('Account', 'paper', { limits: { maxGrossExposure: 60_000 } });
    await world.settle();
    world.accounts = [];
    await world.settle();
    expect(world.status('Account', 'paper')).toMatchObject({ phase: 'Refused' });
    world.accounts = ['paper'];
    await world.settle();
    expect(world.status('Account', 'paper')).toMatchObject({ phase: 'Killed', equity: '5' });
    expect(world.status('Account', 'paper')).not.toHaveProperty('message');
  });

  it('has its limits set once the configuration has it', async () => {
    const world = new OperatorWorld();
    world.accounts = [];
    world.apply('Account', 'paper', { limits: { maxGrossExposure: 60_000 } });
    await world.settle();
    world.accounts = ['paper'];
    await world.settle();
    expect([...world.limits]).toEqual([['maxGrossExposure', 60_000]]);
  });
});

describe('a backtest', () => {
  const SPEC = { bars: 'bars.parquet', strategy: 'ma-cross' };

  it('that cannot be is refused with the reason, once', async () => {
    const world = new OperatorWorld();
    world.apply('BacktestJob', 'one', { ...SPEC, strategy: 'NOPE' });
    const operator = world.operator();
    for (let pass = 0; pass < 5; pass += 1) await operator.pass();
    expect(world.status('BacktestJob', 'one')).toMatchObject({
      ...{ phase: 'Refused', message: 'there is no NOPE. See.', observedGeneration: 1 },
    });
    expect(acts(world)).toEqual(['SubmitJob']);
  });

  it('is queued anew where its job is not known any more', async () => {
    const world = new OperatorWorld();
    world.apply('BacktestJob', 'one', SPEC);
    await world.settle();
    world.jobs.clear();
    await world.settle();
    expect(world.jobs.size).toBe(1);
    expect(world.status('BacktestJob', 'one')).toMatchObject({ phase: 'Queued' });
  });

  it.each(['done', 'failed'])('goes as long after it is %s as it is to be kept', async (state) => {
    const world = new OperatorWorld();
    world.apply('BacktestJob', 'kept', SPEC);
    world.apply('BacktestJob', 'short', { ...SPEC, ttlSecondsAfterFinished: 60 });
    await world.settle();
    expect(world.jobs.size).toBe(1);
    const endedAtUs = world.clock.nowUs();
    const resultJson = '{"startEquityMicros":1,"endEquityMicros":1,"fills":0}';
    for (const id of world.jobs.keys())
      world.jobs.set(id, { state, error: '', resultJson, endedAtUs });
    await world.clock.advance(59_000);
    await world.settle();
    expect(world.resources('BacktestJob')).toHaveLength(2);
    await world.clock.advance(1_000);
    expect(world.clock.nowUs()).toBe(timeUs(endedAtUs + 60_000_000));
    await world.settle();
    expect(world.resources('BacktestJob').map(({ name }) => name)).toEqual(['kept']);
    expect(world.jobs.size).toBe(1);
  });
});
