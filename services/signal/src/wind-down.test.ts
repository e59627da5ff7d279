import { describe, expect, it } from 'vitest';
import { type BotConfig, newBot } from './bot-config.ts';
import { at, CONFIG, SignalWorld } from './signal-world.fixture.ts';
import { WIND_DOWN, windDown } from './wind-down.ts';

const UP = { QQQ: 110, SPY: 110 };
const DOWN = { QQQ: 90, SPY: 90 };

/** A bot that has said its hello and is long from minute 2. */
async function long(config: Partial<BotConfig> = {}): Promise<SignalWorld> {
  const world = new SignalWorld({ onShutdown: 'flatten', ...config });
  await world.past(DOWN);
  await world.open(1);
  await world.until('the hello', () => world.slices().length > 0);
  await world.step(2, UP);
  expect(world.said().at(-1)).toBe('2 running QQQ long SPY long');
  return world;
}

describe('a bot of a platform that is stopped', () => {
  it('closes what is open at the next slice, then gives no signals, and its word of each slice goes on', async () => {
    const world = await long();
    expect(await world.command(WIND_DOWN)).toMatchObject({
      state: 'done',
      result: 'closes what is open at the next slice.',
    });
    await world.step(3, UP);
    await world.step(4, DOWN);
    await world.step(5, UP);
    expect(world.said().slice(2)).toEqual([
      '3 running QQQ flat SPY flat',
      '4 running',
      '5 running',
    ]);
    const [closing] = world.slices().slice(2)[0]?.signals ?? [];
    expect(closing).toMatchObject({
      configRevision: 2,
      reason: expect.stringContaining('flatten'),
    });
  });

  it('runs again when the platform is started again, and says anew what it thinks', async () => {
    const world = await long();
    await world.command(WIND_DOWN);
    await world.step(3, UP);
    await world.restart();
    await world.until('the second hello', () => world.said().includes('3 starting'));
    expect(await world.bot()).toMatchObject({ state: 'running', configRevision: 2 });
    await world.step(4, UP);
    expect(world.said().at(-1)).toBe('4 running QQQ long SPY long');
  });

  it('that crashed closes what it left open', async () => {
    const world = await long({ restartOnCrash: false });
    await world.step(3, { QQQ: 110, SPY: 666 });
    await world.command(WIND_DOWN);
    await world.step(4, UP);
    expect(world.said().at(-1)).toBe('4 crashed QQQ flat SPY flat');
  });

  it('says no more where its rule is to cancel, and closes nothing', async () => {
    const world = await long({ onShutdown: 'cancel' });
    expect(await world.command(WIND_DOWN)).toMatchObject({ result: 'its orders are cancelled.' });
    await world.step(3, DOWN);
    expect(world.said().at(-1)).toBe('3 running');
  });

  it('goes on as it is where its rule is to leave', async () => {
    const world = await long({ onShutdown: 'leave' });
    expect(await world.command(WIND_DOWN)).toMatchObject({ result: 'left as it is.' });
    await world.step(3, DOWN);
    expect(world.said().at(-1)).toBe('3 running QQQ flat SPY flat');
    expect(await world.bot()).toMatchObject({ configRevision: 1 });
  });

  it('closes nothing where its feed has ended', async () => {
    const world = await long();
    await world.step(3, UP, true);
    expect(await world.command(WIND_DOWN)).toMatchObject({
      result: 'its feed has ended: nothing trades any more.',
    });
  });

  it('that an operator paused stays paused after it, and that was stopped stays stopped', async () => {
    const world = await long();
    await world.command('PauseBot');
    await world.command(WIND_DOWN);
    await world.step(3, UP);
    await world.restart();
    expect(await world.bot()).toMatchObject({ state: 'paused' });
    const stopped = await long({ onShutdown: 'leave' });
    await stopped.command('StopBot');
    expect(await stopped.command(WIND_DOWN)).toMatchObject({ state: 'refused' });
  });
});

describe('windDown', () => {
  const command = {
    commandId: 'c',
    key: 'bot/bot',
    kind: WIND_DOWN,
    payload: '{}',
    actor: 'ana',
    createdAtUs: at(0),
    state: 'pending',
  } as const;

  it('refuses a wish of a stop that is over, and one for nobody', () => {
    const bot = newBot({ ...CONFIG, onShutdown: 'flatten' }, at(0));
    const now = { nowUs: at(2), sinceUs: at(0), feedEnded: false };
    expect(windDown(bot, command, { ...now, sinceUs: at(1) })).toMatchObject({ kind: 'refused' });
    expect(windDown(bot, command, now)).toMatchObject({ kind: 'done' });
    expect(windDown(undefined, command, now)).toMatchObject({ kind: 'refused' });
  });
});
