import { grpcService, marketService } from '@capstan/contracts';
import { openPlatform, type Platform, wired } from '@capstan/platform';
import {
  intervalMsOf,
  type PlatformConfig,
  type ServiceContext,
  type VenueFeedConfig,
  type WiredService,
} from '@capstan/runtime';
import { FeedOwner, type FeedSettings } from './feed-owner.ts';
import { openSource, type PlayedFeedConfig } from './feed-sources.ts';
import { type LiveFeed, openLiveFeed } from './live-feeds.ts';
import { type FeedStatus, MarketDataService } from './service.ts';

/** Puts the service together: an owner a feed, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config } = context;
  const platform = await openPlatform(context);
  const { store, bus } = platform;
  const feeds = new Map<string, FeedStatus>();
  const live: LiveFeed[] = [];
  for (const feed of config.feeds) {
    if (feed.kind === 'venue') {
      const status = liveStatus(context, feed);
      const onStatus = (now: FeedStatus['live']) => {
        status.live = now;
      };
      live.push(await openLiveFeed(context, platform, feed, onStatus));
      feeds.set(feed.feed, status);
    } else {
      feeds.set(feed.feed, await playFeed(context, platform, feed));
    }
  }
  const service = new MarketDataService({ store, bus }, feeds);
  await platform.serve(marketService.MarketDataServiceDefinition, service);
  return wired(platform, {
    stop: async () => {
      for (const one of live) await one.close();
    },
    grpcServices: [
      grpcService(
        marketService.MarketDataServiceDefinition,
        marketService.MarketDataServiceService,
        service,
      ),
    ],
  });
}

function liveStatus(
  { config }: ServiceContext<PlatformConfig>,
  { feed, venue, symbols }: VenueFeedConfig,
): FeedStatus {
  const settings = { feed, venue, runId: config.run.id };
  return { settings, isLive: true, symbols: [...symbols].sort(), playback: undefined };
}

async function playFeed(
  { config, log }: ServiceContext<PlatformConfig>,
  { instruments, calendarOf, ports, host }: Platform,
  feedConfig: PlayedFeedConfig,
): Promise<FeedStatus> {
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
  const onStatus = (playback: FeedStatus['playback']) => {
    status.playback = playback;
  };
  host.add(`feed/${feed}`, () => new FeedOwner(ports, settings, source, onStatus));
  return status;
}
