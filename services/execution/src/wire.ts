import { executionService, grpcService } from '@capstan/contracts';
import { US_PER_SECOND } from '@capstan/domain';
import { openPlatform, wired } from '@capstan/platform';
import type { Clock } from '@capstan/ports';
import { DEFAULT_LIMITS, readLimits } from '@capstan/risk';
import {
  type AccountConfig,
  type FeedConfig,
  isDryRun,
  isPlayed,
  type PlatformConfig,
  readStartOrders,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { brokerVendors, VenueEndpoints } from '@capstan/venues';
import type { UnfilledRule } from './decide-unfilled.ts';
import { dryVenue } from './dry-venue.ts';
import { EmergencyStand } from './emergency.ts';
import { ExecutionAccount } from './execution-account.ts';
import { KillBrake } from './kill-brake.ts';
import { KillSwitches } from './kill-switches.ts';
import { ExecutionService } from './service.ts';
import type { AccountSettings } from './settings.ts';
import { killAtStart, resetAtStart } from './start-orders.ts';
import { SwitchRequests } from './switch-requests.ts';
import { type ThrottleRules, VenueThrottle } from './throttle.ts';

/** How long a venue may take to answer before an order is unknown. */
const VENUE_TIMEOUT_MS = 2_000;

/** What of the requests that Alpaca grants to an account may be orders and their events; position-sync has the rest. */
const ALPACA_SHARE = 0.65;

/** Puts the service together: an owner an account, the kill switches, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
  const { config, clock, ids, log, environment } = context;
  const accounts = config.accounts.map((entry) => entry.accountId);
  const orders = readStartOrders(context.environment, accounts);
  const platform = await openPlatform(context);
  const { bus, kv, store, instruments } = platform;
  const { address } = config.paperExchange;
  const vendors = brokerVendors(
    { clock, log, environment },
    {
      paper: { address, timeoutMs: VENUE_TIMEOUT_MS },
      alpaca: { ...config.venues.alpaca, share: ALPACA_SHARE },
      instruments,
    },
  );
  const endpoints = new VenueEndpoints(vendors, config.installation.allowLive);
  const throttles = {
    paper: throttleOf(clock, config.venues.paper),
    alpaca: throttleOf(clock, config.venues.alpaca),
  };
  const dryRun = isDryRun(config.run, context.environment);
  if (dryRun) log.warn('runs dry: everything but the send is done');
  const switches = new KillSwitches({ kv, clock });
  const requests = new SwitchRequests(
    { store, bus, kv, clock, ids, log },
    switches,
    config.accounts.map(({ accountId, breakerFailures }) => ({
      accountId,
      breakerFailuresMax: breakerFailures,
    })),
  );
  await killAtStart({ requests, switches, log }, orders, accounts);
  const brakes: KillBrake[] = [];
  for (const entry of config.accounts) {
    const { accountId } = entry;
    const real = endpoints.of(entry);
    const venue = dryRun ? dryVenue(real) : real;
    const ports = { ...platform.ports, venue, ...throttles[entry.venue] };
    const feeds = feedsOf(config, accountId);
    const settings = {
      runId: config.run.id,
      accountId,
      instruments,
      limits: { ...DEFAULT_LIMITS, maxDecisionAgeUs: maxDecisionAgeUs(entry) },
      breakerFailuresMax: entry.breakerFailures,
      foreign: entry.foreign,
      calendarOf: platform.calendarOf,
      dryRun,
      ...unfilledRules(config, entry),
      eventTime: (feeds.length === 0 ? config.feeds : feeds).every(isPlayed),
    };
    const brake = new KillBrake(ports, accountId, switches);
    brakes.push(brake);
    const stand = new EmergencyStand(
      ports,
      {
        ...settings,
        botsOf: (symbol) => botsOf(config, accountId, symbol),
        feeds: feeds.map((one) => one.feed),
      },
      switches,
      brake,
    );
    platform.host.add(
      `execution/${accountId}`,
      () => new ExecutionAccount(ports, settings, switches, brake),
      (key) => stand.step(key),
    );
  }
  const service = new ExecutionService({ store, bus, clock, ids }, requests, accounts);
  const { ExecutionServiceDefinition, ExecutionServiceService } = executionService;
  await platform.serve(ExecutionServiceDefinition, service);
  const parts = wired(platform, {
    start: async () => void resetAtStart({ requests, log }, orders),
    grpcServices: [grpcService(ExecutionServiceDefinition, ExecutionServiceService, service)],
  });
  const drain = async (): Promise<void> => {
    for (const brake of brakes) brake.close();
    await parts.drain();
    endpoints.close();
  };
  return { ...parts, drain };
}

/** What a bot says of its unfilled limit orders, else what its account says; nothing where nobody says anything. */
function unfilledRules(
  { bots }: PlatformConfig,
  { accountId, unfilledLimit }: AccountConfig,
): Pick<AccountSettings, 'unfilledOf'> {
  const otherwise = ruleOf(unfilledLimit);
  const own = new Map(
    bots.flatMap((bot) =>
      bot.accountId === accountId && bot.unfilledLimit !== undefined
        ? [[bot.botId, ruleOf(bot.unfilledLimit)] as const]
        : [],
    ),
  );
  if (otherwise === undefined && own.size === 0) return {};
  return { unfilledOf: (botId) => (own.has(botId) ? own.get(botId) : otherwise) };
}

function ruleOf(entry: AccountConfig['unfilledLimit']): UnfilledRule | undefined {
  const { action, afterSeconds, collarBps, repricesMax } = entry;
  if (action === 'wait') return undefined;
  return { action, afterUs: Math.round(afterSeconds * US_PER_SECOND), collarBps, repricesMax };
}

/** One for all accounts at a venue; none where nothing is limited. */
function throttleOf(clock: Clock, rules: ThrottleRules): { readonly throttle?: VenueThrottle } {
  const { ordersPerSecond, cancelsPerSecond } = rules;
  const isFree = ordersPerSecond === undefined && cancelsPerSecond === undefined;
  return isFree ? {} : { throttle: new VenueThrottle(clock, rules) };
}

function botsOf({ bots }: PlatformConfig, accountId: string, symbol: string): readonly string[] {
  const mine = bots.filter((bot) => bot.accountId === accountId && bot.symbols.includes(symbol));
  return mine.map((bot) => bot.botId);
}

function feedsOf({ bots, feeds }: PlatformConfig, accountId: string): readonly FeedConfig[] {
  const names = bots.filter((bot) => bot.accountId === accountId).map((bot) => bot.feed);
  return feeds.filter((one) => names.includes(one.feed));
}

function maxDecisionAgeUs({ limits }: AccountConfig): number {
  return readLimits(limits).maxDecisionAgeUs;
}
