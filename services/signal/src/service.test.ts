import { botToWire, signalService } from '@capstan/contracts';
import { newOrder, type Order, type OrderTerms, quantity, timeUs } from '@capstan/domain';
import type { BotRecord, CommandRecord, Store } from '@capstan/ports';
import { MemoryBus, MemoryStore, SeededIds, VirtualClock } from '@capstan/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { newBot } from './bot-config.ts';
import { SignalService } from './service.ts';
import { at, CONFIG, SignalWorld } from './signal-world.fixture.ts';

const orderOf = (orderId: string, changes: Partial<OrderTerms> = {}): Order => ({
  ...newOrder(
    {
      orderId,
      intentId: `intent-${orderId}`,
      runId: 'run',
      accountId: 'paper',
      botId: 'bot',
      symbol: 'SPY',
      side: 'sell',
      quantity: quantity(1),
      type: 'market',
      timeInForce: 'day',
      reducing: false,
      leg: 0,
      attempt: 1,
      decidedAtUs: at(3),
      expiresAtUs: at(4),
      ...changes,
    },
    at(3),
  ),
  state: 'accepted',
});

/** A journal where every command is answered at once. */
class AnsweringStore extends MemoryStore {
  readonly commands: CommandRecord[] = [];
  answer: Pick<CommandRecord, 'state' | 'result'> = { state: 'done', result: 'so be it.' };

  override async addCommand(command: CommandRecord): Promise<void> {
    this.commands.push(command);
  }

  override async command(commandId: string): Promise<CommandRecord | undefined> {
    const found = this.commands.find((command) => command.commandId === commandId);
    return found && { ...found, ...this.answer };
  }
}

const flights: { stop(): void }[] = [];
afterEach(() => {
  for (const flight of flights.splice(0)) flight.stop();
});

async function world(changes: Partial<BotRecord> = {}) {
  const clock = new VirtualClock(at(0));
  const store = new AnsweringStore();
  const fence = { key: 'bot/bot', epochUs: timeUs(1), token: 1 };
  await store.takeOwnership(fence);
  const bot: BotRecord = { ...newBot(CONFIG, at(0)), lastSliceEndUs: at(4), ...changes };
  await store.commit({
    fence,
    bots: [bot],
    orders: [
      orderOf('old'),
      orderOf('closing', { reducing: true, decidedAtUs: at(4) }),
      orderOf('stranger', { botId: 'other' }),
    ],
  });
  const ensured: string[] = [];
  const ports = { store: store as Store, bus: new MemoryBus(clock), clock, ids: new SeededIds(1) };
  const strategies = SignalWorld.empty().strategies;
  const service = new SignalService(ports, strategies, (botId) => ensured.push(botId));
  flights.push(clock.fly());
  return { service, store, ensured };
}

const ask = { botId: 'bot', actor: 'ana', commandId: '' };

describe('SignalService', () => {
  it('lists bots, strategies and signals', async () => {
    const { service } = await world();
    expect((await service.listBots({ accountId: 'paper' })).bots).toHaveLength(1);
    expect((await service.listBots({ accountId: 'other' })).bots).toHaveLength(0);
    const { strategies } = await service.listStrategies();
    expect(strategies.map((one) => one.name)).toEqual([
      'fragile',
      'ma-cross',
      'market-filter',
      'spans',
    ]);
    expect(strategies[1]?.parameters[0]).toMatchObject({ name: 'fast', minimum: 1 });
    const request = signalService.ListSignalsRequest.create({ botId: 'bot', accountId: 'paper' });
    expect(await service.listSignals(request)).toEqual({ signals: [] });
  });

  it('passes wishes on as commands and says what came of them', async () => {
    const { service, store } = await world();
    const { commandId, ...rest } = await service.pauseBot(ask);
    expect(rest).toEqual({ applied: true, message: 'so be it.' });
    expect(commandId).not.toBe('');
    store.answer = { state: 'refused' };
    const named = await service.resumeBot({ ...ask, commandId: 'mine' });
    expect(named).toEqual({ applied: false, commandId: 'mine', message: '' });
    expect(store.commands.map(({ kind, key, actor }) => [kind, key, actor])).toEqual([
      ['PauseBot', 'bot/bot', 'ana'],
      ['ResumeBot', 'bot/bot', 'ana'],
    ]);
  });

  it('takes an owner on for a bot that is to be created', async () => {
    const { service, store, ensured } = await world();
    const bot = botToWire({ ...newBot(CONFIG, at(0)), botId: 'new' });
    await service.createBot({ bot, actor: 'ana', commandId: '' });
    expect(ensured).toEqual(['new']);
    expect(JSON.parse(store.commands[0]?.payload ?? '')).toEqual({
      ...CONFIG,
      botId: 'new',
      symbols: ['QQQ', 'SPY'],
    });
    const paused = botToWire({ ...newBot(CONFIG, at(0)), botId: 'quiet', state: 'paused' });
    await service.createBot({ bot: paused, actor: 'ana', commandId: '' });
    expect(JSON.parse(store.commands[1]?.payload ?? '')).toMatchObject({ paused: true });
    const nobody = { bot: undefined, actor: 'ana', commandId: '' };
    await expect(service.createBot(nobody)).rejects.toMatchObject({ code: 'SIGNAL.BOT' });
    await expect(service.pauseBot({ ...ask, botId: 'x' })).rejects.toMatchObject({
      code: 'SIGNAL.BOT',
    });
  });

  it.each([
    ['leave', [], false],
    ['cancel', ['closing', 'old'], false],
    ['flatten', ['old'], false],
    ['flatten', ['old'], true],
  ] as const)(
    'cancels, for a bot of the rule %s, the orders %j (until a restart: %s)',
    async (onShutdown, cancelled, untilRestart) => {
      const { service, store } = await world({ onShutdown });
      await service.stopBot({ ...ask, untilRestart });
      const [stop, ...rest] = store.commands;
      expect(stop).toMatchObject({ kind: untilRestart ? 'WindDownBot' : 'StopBot' });
      expect(rest.every((one) => one.kind === 'CancelOrder' && one.key === 'execution/paper')).toBe(
        true,
      );
      expect(rest.map((one) => JSON.parse(one.payload).orderId).sort()).toEqual(cancelled);
    },
  );

  it('cancels nothing of a bot that did not stop', async () => {
    const { service, store } = await world({ onShutdown: 'cancel' });
    store.answer = { state: 'refused', result: 'no.' };
    const stop = { ...ask, untilRestart: false };
    expect(await service.stopBot(stop)).toMatchObject({ applied: false });
    expect(store.commands).toHaveLength(1);
  });

  it('creates a bot through its owner, which then runs', async () => {
    const signals = SignalWorld.empty();
    await signals.past({ QQQ: 90, SPY: 90 });
    await signals.open(1);
    await signals.settle();
    await signals.restart();
    const command = await signals.command('CreateBot', JSON.stringify(CONFIG));
    expect(command).toMatchObject({ state: 'done', result: 'created.' });
    await signals.until('the hello', () => signals.slices().length > 0);
    await signals.step(2, { QQQ: 110, SPY: 90 });
    expect(signals.said()).toEqual(['1 starting', '2 running QQQ long SPY flat']);
  });

  it('creates a bot that gives no signal before it is resumed, where it is to be paused', async () => {
    const signals = SignalWorld.empty();
    await signals.past({ QQQ: 90, SPY: 90 });
    await signals.open(1);
    await signals.settle();
    const paused = JSON.stringify({ ...CONFIG, paused: true });
    expect(await signals.command('CreateBot', paused)).toMatchObject({
      result: 'created, paused.',
    });
    await signals.until('the hello', () => signals.slices().length > 0);
    await signals.step(2, { QQQ: 110, SPY: 90 });
    await signals.restart();
    await signals.step(3, { QQQ: 110, SPY: 90 });
    expect(await signals.command('ResumeBot')).toMatchObject({ state: 'done' });
    await signals.step(4, { QQQ: 110, SPY: 90 });
    expect(signals.said()).toEqual([
      ...['1 starting', '2 paused', '3 paused'],
      '4 running QQQ long SPY flat',
    ]);
  });
});
