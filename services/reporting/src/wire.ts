import { grpcService, reportingService } from '@capstan/contracts';
import type { TimeUs } from '@capstan/domain';
import { openPlatform, type Platform, wired } from '@capstan/platform';
import { readLimits } from '@capstan/risk';
import {
  type ConfigOf,
  isPlayed,
  oldRowsOf,
  openingCash,
  paperBehaviour,
  type ServiceContext,
  symbolsOf,
  type WiredService,
} from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import { AlertAnswers } from './alerts/alert-answers.ts';
import { ALERTS_KEY, AlertOwner } from './alerts/alert-owner.ts';
import { alertPorts, alertSettings } from './channels/wire-alerts.ts';
import type { configSchema } from './config.ts';
import { ReplayAnswers } from './replay/replay-answers.ts';
import { REPLAY_KEY, ReplayOwner } from './replay/replay-owner.ts';
import type { RunReplaySettings } from './replay/run-replay.ts';
import { ReportOwner } from './report-owner.ts';
import { ReportingService } from './service.ts';
import { DayAccounts } from './sessions/day-accounts.ts';
import { RowRetention } from './sessions/row-retention.ts';
import { SessionAnswers } from './sessions/session-answers.ts';
import { SessionOwner } from './sessions/session-owner.ts';
import { sessionPlans } from './sessions/session-plan.ts';

const MS_PER_SECOND = 1_000;

/** Puts the service together: an owner an account, one a market's days, one that sends alerts, one that replays sessions, and the RPC. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { config, environment } = context;
  const platform = await openPlatform(context);
  const { host, ports, store, instruments, calendarOf } = platform;
  const sessions = calendarOf(CALENDAR);
  const pace = {
    everyMs: config.run.equitySnapshotFreqSec * MS_PER_SECOND,
    isLive: !config.feeds.every(isPlayed),
    tradeDate: (us: TimeUs) => sessions.tradeDate(us),
  };
  for (const account of config.accounts) {
    const { accountId } = account;
    const settings = {
      runId: config.run.id,
      accountId,
      openingMicros: openingCash(account),
      instruments,
      pace,
    };
    host.add(`report/${accountId}`, () => new ReportOwner(ports, settings));
  }
  const alerting = alertPorts(platform, config, environment);
  const scales = new Map(instruments.all().map((one) => [one.symbol, one.quantityScale]));
  const alerts = alertSettings(config, (symbol) => scales.get(symbol) ?? 0);
  host.add(ALERTS_KEY, () => new AlertOwner(alerting, alerts));
  const replay = replaySettings(config, { instruments, calendarOf });
  host.add(REPLAY_KEY, () => new ReplayOwner(ports, replay));
  const plans = sessionPlans({
    ...{ instruments, calendarOf, accounts: config.accounts, bots: config.bots },
    ...config.sessions,
    feeds: config.feeds.map((feed) => ({
      ...{ feed: feed.feed, symbols: symbolsOf(feed), live: !isPlayed(feed) },
    })),
  });
  const days = {
    ...ports,
    feeds: alerting.feeds,
    clockSpeed: context.marketTime?.speed ?? 1,
    accounts: new DayAccounts(store, config.run.id, instruments),
    retention: new RowRetention(ports, oldRowsOf(config.retention, config.run.id)),
  };
  for (const plan of plans) {
    host.add(`session/${plan.calendar.name}`, () => new SessionOwner(days, plan, config.run.id));
  }
  const service = new ReportingService(
    store,
    { runId: config.run.id, calendar: calendarOf(CALENDAR) },
    {
      alerts: new AlertAnswers(ports, alerting.senders),
      sessions: new SessionAnswers(plans, { clock: ports.clock, feeds: alerting.feeds }),
      replays: new ReplayAnswers(store, replay),
    },
  );
  await platform.serve(reportingService.ReportingServiceDefinition, service);
  return wired(platform, {
    grpcServices: [
      grpcService(
        reportingService.ReportingServiceDefinition,
        reportingService.ReportingServiceService,
        service,
      ),
    ],
  });
}

/** Sessions are those of this exchange. */
const CALENDAR = 'XNYS';

function replaySettings(
  config: ConfigOf<typeof configSchema>,
  { instruments, calendarOf }: Pick<Platform, 'instruments' | 'calendarOf'>,
): RunReplaySettings {
  const { run, accounts, paperExchange } = config;
  const onPaper = accounts.filter(({ venue }) => venue === 'paper');
  const sessions = calendarOf(CALENDAR);
  return {
    ...{ runId: run.id, instruments, calendarOf },
    accounts: accounts.map((account) => ({
      ...{ accountId: account.accountId, currency: account.currency },
      cashMicros: openingCash(account),
      limits: readLimits(account.limits, `accounts, ${account.accountId}: limits`),
    })),
    behaviour: paperBehaviour(paperExchange),
    modelled: new Set(onPaper.map(({ accountId }) => accountId)),
    strategies: new StrategyRegistry(),
    tradeDate: (us) => sessions.tradeDate(us),
  };
}
