import { readQuietHours } from '@capstan/alerts';
import type { Calendar } from '@capstan/calendar';
import { busClient, int64, marketService } from '@capstan/contracts';
import { AppError, assert, US_PER_MINUTE, US_PER_MS, US_PER_SECOND } from '@capstan/domain';
import type { Platform } from '@capstan/platform';
import {
  type AlertsConfig,
  type Environment,
  intervalMsOf,
  type PlatformConfig,
} from '@capstan/runtime';
import type { AlertPorts, AlertSettings } from '../alerts/alert-owner.ts';
import type { FeedReader } from '../alerts/alert-sources.ts';
import { LIMITS } from '../limits.ts';
import { openChannels } from './open-channels.ts';

type Config = PlatformConfig & { readonly alerts: AlertsConfig };

/** Opens what alerting works with. @throws CONFIG.SECRET */
export function alertPorts(
  platform: Pick<Platform, 'requests' | 'ports' | 'instruments' | 'calendarOf'>,
  config: Config,
  environment: Environment,
): AlertPorts {
  const { kv, clock, meter } = platform.ports;
  const senders = openChannels(config.alerts.channels, { runId: config.run.id }, environment);
  return { kv, clock, meter, senders, feeds: feedReader(platform, config) };
}

/** Says how alerting works by its configuration. */
export function alertSettings(config: Config, scaleOf: (symbol: string) => number): AlertSettings {
  const { repeatMinutes, unknownSeconds, staleSeconds, quietHours, channels } = config.alerts;
  return {
    runId: config.run.id,
    accountIds: config.accounts.map(({ accountId }) => accountId),
    rules: {
      routes: channels.map(({ name, minLevel, kinds }) => ({ channel: name, minLevel, kinds })),
      repeatUs: repeatMinutes * US_PER_MINUTE,
      ...(quietHours === undefined ? {} : { quietHours: quietHoursOf(quietHours) }),
    },
    watch: {
      unknownUs: unknownSeconds * US_PER_SECOND,
      staleUs: staleSeconds * US_PER_SECOND,
      scaleOf,
    },
  };
}

function quietHoursOf({ from, to, timeZone }: NonNullable<AlertsConfig['quietHours']>) {
  const read = readQuietHours(from, to, timeZone);
  assert(read.kind === 'quietHours', 'quiet hours were checked with the configuration');
  return read.quietHours;
}

/** Asks market data how far the feeds are; those that have not begun say nothing. */
function feedReader(
  { requests, instruments, calendarOf }: Parameters<typeof alertPorts>[0],
  config: Config,
): FeedReader {
  const market = busClient(requests, marketService.MarketDataServiceDefinition);
  const calendarNames = new Map(instruments.all().map((one) => [one.symbol, one.calendar]));
  const calendarsOf = (symbols: readonly string[]): readonly Calendar[] =>
    [...new Set(symbols.map((symbol) => calendarNames.get(symbol) ?? '24x7'))].map(calendarOf);
  return async () => {
    try {
      const { feeds } = await market.listFeeds({}, { timeoutMs: LIMITS.feedTimeoutMs });
      return feeds.flatMap((told) => {
        const { feed, slicesPublished, finished, lastSliceEndUs, symbols } = told;
        const slices = int64.number(slicesPublished);
        const entry = config.feeds.find((one) => one.feed === feed);
        const intervalUs = entry === undefined ? 0 : intervalMsOf(entry) * US_PER_MS;
        const endUs = int64.number(lastSliceEndUs);
        const calendars = calendarsOf(symbols);
        const { live, stale, problem } = told;
        const seen = { feed, slices, finished, intervalUs, endUs, calendars };
        if (live) return endUs === 0 ? [] : [{ ...seen, vendor: { stale, problem } }];
        return slices === 0 ? [] : [seen];
      });
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  };
}
