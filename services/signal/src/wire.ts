import { grpcService, signalService } from '@capstan/contracts';
import { openPlatform, type Platform, wired } from '@capstan/platform';
import type { PlatformConfig, ServiceContext, WiredService } from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import { type BotCatalogue, checkBots } from './bot-config.ts';
import { BotOwner } from './bot-owner.ts';
import type { BotSettings } from './bot-settings.ts';
import { LIMITS } from './limits.ts';
import { MarketReading } from './market-reading.ts';
import { SignalService } from './service.ts';

/** Puts the service together: an owner a bot, configured or created, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, clock, ids } = context;
  const strategies = new StrategyRegistry();
  const catalogue: BotCatalogue = {
    strategies,
    feeds: config.feeds.map((one) => one.feed),
    symbolsOf: (feed) => {
      const found = config.feeds.find((one) => one.feed === feed);
      return found?.kind === 'generator' ? found.symbols.map(({ symbol }) => symbol) : undefined;
    },
    accounts: config.accounts.map((one) => one.accountId),
    configured: config.bots.map((one) => one.botId),
  };
  checkBots(config.bots, catalogue);
  const platform = await openPlatform(context);
  const market = new MarketReading(platform.bus);
  const ensure = (botId: string) => {
    const settings = botSettings(config, platform, { catalogue, market }, botId);
    platform.host.add(`bot/${botId}`, () => new BotOwner(platform.ports, settings));
  };
  for (const bot of config.bots) ensure(bot.botId);
  const { store, bus } = platform;
  const service = new SignalService({ store, bus, clock, ids }, strategies, ensure);
  await platform.serve(signalService.SignalServiceDefinition, service);
  const stop = new AbortController();
  return wired(platform, {
    start: () => {
      refresh(context, platform, ensure, stop.signal).catch(context.crash);
      return Promise.resolve();
    },
    stop: () => {
      stop.abort();
      return Promise.resolve();
    },
    grpcServices: [
      grpcService(
        signalService.SignalServiceDefinition,
        signalService.SignalServiceService,
        service,
      ),
    ],
  });
}

/** Takes on bots that were created through other replicas. */
async function refresh(
  context: ServiceContext<PlatformConfig>,
  platform: Platform,
  ensure: (botId: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const bot of await platform.store.bots({})) ensure(bot.botId);
    } catch (error) {
      context.log.warn('bots cannot be listed now', { error });
    }
    await context.clock.sleep(LIMITS.refreshMs, signal);
  }
}

function botSettings(
  config: PlatformConfig,
  platform: Platform,
  shared: Pick<BotSettings, 'catalogue' | 'market'>,
  botId: string,
): BotSettings {
  const { instruments, calendarOf } = platform;
  const venues = new Map(config.feeds.map((one) => [one.feed, one.venue]));
  return {
    runId: config.run.id,
    botId,
    config: config.bots.find((one) => one.botId === botId),
    venueOf: (feed) => venues.get(feed) ?? feed,
    calendarOf: (symbol) => calendarOf(instruments.get(symbol).calendar),
    ...shared,
    restart: config.run.restartBots,
  };
}
