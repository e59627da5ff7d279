import { grpcService, marketService } from '@capstan/contracts';
import { openPlatform, wired } from '@capstan/platform';
import {
  intervalMsOf,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { FeedOwner, type FeedSettings } from './feed-owner.ts';
import { openSource } from './feed-sources.ts';
import { type FeedStatus, MarketDataService } from './service.ts';

/** Puts the service together: an owner a feed, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, log } = context;
  const platform = await openPlatform(context);
  const { instruments, calendarOf, ports, host, store, bus } = platform;
  const feeds = new Map<string, FeedStatus>();
  for (const feedConfig of config.feeds) {
    const { source, symbols } = await openSource(feedConfig, { instruments, calendarOf, log });
    const { feed, venue } = feedConfig;
    const bots = config.bots.filter((bot) => bot.feed === feed);
    const settings: FeedSettings = {
      feed,
      venue,
      runId: config.run.id,
      intervalMs: intervalMsOf(feedConfig),
      accounts: bots.map((bot) => bot.accountId),
    };
    const status: FeedStatus = { settings, symbols, playback: undefined };
    feeds.set(feed, status);
    const onStatus = (playback: FeedStatus['playback']) => {
      status.playback = playback;
    };
    host.add(`feed/${feed}`, () => new FeedOwner(ports, settings, source, onStatus));
  }
  const service = new MarketDataService({ store, bus }, feeds);
  await platform.serve(marketService.MarketDataServiceDefinition, service);
  return wired(platform, {
    grpcServices: [
      grpcService(
        marketService.MarketDataServiceDefinition,
        marketService.MarketDataServiceService,
        service,
      ),
    ],
  });
}
