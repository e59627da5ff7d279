import type { CommandRecord } from '@capstan/ports';
import { marketFilter, StrategyRegistry } from '@capstan/strategy';
import { describe, expect, it } from 'vitest';
import { type BotConfig, checkBots, newBot } from './bot-config.ts';
import { applyCommand } from './commands.ts';
import { at, CONFIG, fragile } from './signal-world.fixture.ts';

const CATALOGUE = {
  strategies: new StrategyRegistry([fragile]),
  feeds: ['demo'],
  accounts: ['paper'],
};
const create = (config: Partial<BotConfig>): CommandRecord => ({
  commandId: 'c',
  key: 'bot/bot',
  kind: 'CreateBot',
  payload: JSON.stringify({ ...CONFIG, ...config }),
  actor: 'ana',
  createdAtUs: at(0),
  state: 'pending',
});
const apply = (config: Partial<BotConfig>) =>
  applyCommand(undefined, create(config), at(1), CATALOGUE);

describe('CreateBot', () => {
  it('makes a bot that starts, each symbol once', () => {
    expect(apply({ symbols: ['SPY', 'QQQ', 'SPY'] })).toMatchObject({
      kind: 'done',
      reload: true,
      bot: { state: 'starting', configRevision: 1, symbols: ['QQQ', 'SPY'] },
    });
  });

  it.each([
    [{ symbols: [] }, 'it has no symbols.'],
    [{ timeframe: '5m' as const }, 'its timeframe is 5m, and feeds carry 1m bars.'],
    [{ accountId: 'x' }, "there is no account 'x'. Known: paper."],
    [{ feed: 'x' }, "there is no feed 'x'. Known: demo."],
    [{ strategy: 'x' }, "no strategy named 'x'."],
    [{ params: { x: 1 } }, "strategy fragile has no parameter 'x'."],
  ])('refuses a bot that cannot be: %j', (config, why) => {
    const outcome = apply(config);
    expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringContaining(why) });
    expect(() => checkBots([{ ...CONFIG, ...config }], CATALOGUE)).toThrow(
      `bot 'bot' of the configuration cannot run: ${why}`,
    );
  });

  it('refuses what its feed does not carry, where that is known: it would wait for ever', () => {
    const strategies = new StrategyRegistry([fragile, marketFilter]);
    const catalogue = { ...CATALOGUE, strategies, symbolsOf: () => ['QQQ', 'SPY'] };
    const message = (config: Partial<BotConfig>) =>
      applyCommand(undefined, create(config), at(1), catalogue).message;
    const filter = { strategy: 'market-filter', symbols: ['QQQ'] };
    expect(message(filter)).toBe('created.');
    expect(message({ ...filter, params: { market: 'IWM' } })).toBe(
      "feed 'demo' does not carry IWM, which its strategy reads. It carries: QQQ, SPY.",
    );
    expect(message({ symbols: ['SPY', 'IWM'] })).toBe(
      "feed 'demo' does not carry IWM. It carries: QQQ, SPY.",
    );
  });

  it('keeps when the bot may open', () => {
    const schedule = { end: '15:55', atEnd: 'flatten' } as const;
    expect(apply({ schedule })).toMatchObject({ bot: { schedule } });
    expect(newBot({ ...CONFIG, schedule: undefined }, at(0))).not.toHaveProperty('schedule');
  });

  it('makes a bot that is paused from its first bar on', () => {
    const command = { ...create({}), payload: JSON.stringify({ ...CONFIG, paused: true }) };
    const outcome = applyCommand(undefined, command, at(1), CATALOGUE);
    expect(outcome).toMatchObject({ kind: 'done', reload: true, bot: { state: 'paused' } });
    expect(outcome).not.toHaveProperty('bot.paused');
  });

  it('refuses a name that is taken', () => {
    const outcome = applyCommand(newBot(CONFIG, at(0)), create({}), at(1), CATALOGUE);
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(() => checkBots([CONFIG], CATALOGUE)).not.toThrow();
  });

  it.each([
    [{ params: { price: 7 } }, [], 'has no parameter'],
    [{ accountId: 'x' }, [], 'make another bot for x'],
    [{ symbols: [] }, [], 'it has no symbols.'],
    [{}, ['bot'], 'change it there'],
  ])(
    'refuses a change to what cannot be, or of what stands in the file: %j',
    (to, configured, why) => {
      const command = { ...create(to), kind: 'ChangeBot' };
      const catalogue = { ...CATALOGUE, configured };
      const outcome = applyCommand(newBot(CONFIG, at(0)), command, at(1), catalogue);
      expect(outcome).toMatchObject({ kind: 'refused', message: expect.stringContaining(why) });
    },
  );

  it('leaves a bot as it is by a change to what it is, but for what only its owner goes by', () => {
    const bot = { ...newBot(CONFIG, at(0)), state: 'running' as const };
    const command = { ...create({ onShutdown: 'flatten' }), kind: 'ChangeBot' };
    const outcome = applyCommand(bot, command, at(1), CATALOGUE);
    const expected = { state: 'running', configRevision: 1, onShutdown: 'flatten' };
    expect(outcome).toMatchObject({ kind: 'done', reload: false, bot: expected });
  });

  it('refuses any other wish where there is no bot', () => {
    const command = { ...create({}), kind: 'PauseBot' };
    expect(applyCommand(undefined, command, at(1), CATALOGUE)).toMatchObject({ kind: 'refused' });
  });
});
