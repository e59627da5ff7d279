import {
  barFromWire,
  botFromWire,
  denialFromWire,
  driftFromWire,
  fillFromWire,
  intentFromWire,
  orderFromWire,
  parameterFromWire,
  signalFromWire,
  strayFromWire,
  timeframes,
} from '@capstan/contracts';
import { type Instrument, sizingText, TIMEFRAMES } from '@capstan/domain';
import { bySymbol } from './account-value.ts';
import type { Clients } from './clients.ts';
import { notFound } from './failure.ts';
import type { Fields } from './fields.ts';
import {
  alertChannelJson,
  alertJson,
  breakerJson,
  dayJson,
  equityJson,
  jobJson,
  killSwitchJson,
  sessionJson,
} from './json.ts';
import { LIMITS } from './limits.ts';
import type { GatewayPorts, GatewaySettings, ServiceHealth } from './ports.ts';
import { replayedBotJson, replayJson } from './replay-json.ts';
import { botReasons, lastRefusal, standingReasons } from './standing.ts';
import { tellWhy, type WhyEntry } from './why.ts';

const ASK = { timeoutMs: LIMITS.rpcTimeoutMs } as const;

/** Answers what is only asked. Every method takes the query's fields. */
export class Queries {
  readonly #clients: Clients;
  readonly #ports: Pick<GatewayPorts, 'health'>;
  readonly #settings: GatewaySettings;
  readonly #instruments: ReadonlyMap<string, Instrument>;

  constructor(ports: GatewayPorts, settings: GatewaySettings) {
    this.#clients = ports.clients;
    this.#ports = ports;
    this.#settings = settings;
    this.#instruments = bySymbol(settings.instruments);
  }

  async bots(query: Fields) {
    const accountId = query.optionalText('account') ?? '';
    const { bots } = await this.#clients.signal.listBots({ accountId }, ASK);
    return {
      bots: bots.map(botFromWire).map((bot) => ({
        schedule: 'always',
        ...bot,
        sizingText: sizingText(bot.sizing, this.#scaleOf(bot.symbols)),
      })),
    };
  }

  /** Returns the decimals of the quantities of symbols; 0 where they differ. */
  #scaleOf(symbols: readonly string[]): number {
    const scales = symbols.map((symbol) => this.#instruments.get(symbol)?.quantityScale ?? 0);
    return new Set(scales).size === 1 ? (scales[0] ?? 0) : 0;
  }

  async strategies() {
    const { strategies } = await this.#clients.signal.listStrategies({}, ASK);
    return {
      strategies: strategies.map((strategy) => ({
        ...strategy,
        parameters: strategy.parameters.map(({ defaultValue, ...parameter }) => ({
          ...parameter,
          ...(defaultValue === undefined ? {} : { defaultValue: parameterFromWire(defaultValue) }),
        })),
      })),
    };
  }

  async orders(query: Fields) {
    const request = { ...scope(query), ...listed(query), openOnly: query.flag('open') };
    const { orders } = await this.#clients.execution.listOrders(request, ASK);
    return { orders: orders.map(orderFromWire) };
  }

  /** What venues said that fits no order of ours. */
  async strays(query: Fields) {
    const request = { accountId: query.optionalText('account') ?? '', ...listed(query) };
    const { strays } = await this.#clients.execution.listStrays(request, ASK);
    return { strays: strays.map(strayFromWire) };
  }

  async fills(query: Fields) {
    const afterUs = BigInt(query.integer('afterUs', ANY_TIME));
    const request = { ...scope(query), ...listed(query), afterUs };
    const { fills } = await this.#clients.execution.listFills(request, ASK);
    return { fills: fills.map(fillFromWire) };
  }

  async equity(query: Fields) {
    const request = {
      accountId: query.text('account'),
      botId: query.optionalText('bot') ?? '',
      afterUs: BigInt(query.integer('afterUs', ANY_TIME)),
      limit: query.limit(LIMITS.equityDefault, LIMITS.equityMax),
    };
    const { points } = await this.#clients.reporting.getEquity(request, ASK);
    return { points: points.map(equityJson) };
  }

  async days(query: Fields) {
    const request = {
      accountId: query.text('account'),
      botId: query.optionalText('bot') ?? '',
    };
    const { days } = await this.#clients.reporting.getDays(request, ASK);
    return { days: days.map(dayJson) };
  }

  /** What people were told of late, and how the channels are. */
  async alerts() {
    const { alerts, channels } = await this.#clients.reporting.listAlerts({}, ASK);
    return { alerts: alerts.map(alertJson), channels: channels.map(alertChannelJson) };
  }

  /** What the replays after sessions found; of the last session alone unless more are asked for. */
  async replays(query: Fields) {
    const limit = query.limit(0, LIMITS.listMax);
    const { replays } = await this.#clients.reporting.listReplays({ limit }, ASK);
    return { replays: replays.map(replayJson) };
  }

  /** Has a session replayed now, which takes as long as the run is long. */
  async replay(query: Fields) {
    const [botId, tradeDate] = [query.optionalText('bot'), query.optionalText('day')];
    const request = { botId: botId ?? '', tradeDate: tradeDate ?? '' };
    const { reporting } = this.#clients;
    const { bots, ...of } = await reporting.replayDay(request, {
      timeoutMs: LIMITS.replayTimeoutMs,
    });
    return { ...of, bots: bots.map(replayedBotJson) };
  }

  /** How the markets stand by the run's clock, and what comes next. */
  async sessions() {
    const { sessions } = await this.#clients.reporting.listSessions({}, ASK);
    return { sessions: sessions.map(sessionJson) };
  }

  async bars(query: Fields) {
    const symbol = query.text('symbol');
    const feed = query.optionalText('feed') ?? (await this.#feedOf(symbol));
    const request = {
      feed,
      symbols: [symbol],
      timeframe: timeframes.toWire(query.oneOf('timeframe', TIMEFRAMES, '1m')),
      afterUs: BigInt(query.integer('afterUs', ANY_TIME)),
      throughUs: 0n,
      limit: query.limit(LIMITS.barsDefault, LIMITS.barsMax),
    };
    const { bars } = await this.#clients.market.getBars(request, ASK);
    return { feed, symbol, bars: bars.map(barFromWire) };
  }

  async #feedOf(symbol: string): Promise<string> {
    const { feeds } = await this.#clients.market.listFeeds({}, ASK);
    const found = feeds.find((feed) => feed.symbols.includes(symbol));
    if (found === undefined) throw notFound(`feed that has '${symbol}'`);
    return found.feed;
  }

  async signals(query: Fields) {
    const request = { ...scope(query), ...listed(query) };
    const { signals } = await this.#clients.signal.listSignals(request, ASK);
    return { signals: signals.map(signalFromWire) };
  }

  async denials(query: Fields) {
    const request = { ...scope(query), ...listed(query) };
    const { denials } = await this.#clients.risk.listDenials(request, ASK);
    return { denials: denials.map(denialFromWire) };
  }

  async drifts(query: Fields) {
    const request = {
      accountId: query.optionalText('account') ?? '',
      openOnly: query.flag('open'),
      ...listed(query),
    };
    const { drifts } = await this.#clients.position.listDrifts(request, ASK);
    return { drifts: drifts.map(driftFromWire) };
  }

  async jobs(query: Fields) {
    const limit = query.limit(LIMITS.jobsMax, LIMITS.jobsMax);
    const { jobs } = await this.#clients.backtest.listJobs({ limit }, ASK);
    return { jobs: jobs.map(jobJson) };
  }

  async job(jobId: string) {
    const { job } = await this.#clients.backtest.getJob({ jobId }, ASK);
    if (job === undefined) throw notFound(`job '${jobId}'`);
    return { job: jobJson(job) };
  }

  async services(): Promise<{ readonly services: readonly ServiceHealth[] }> {
    const asked = Object.entries(this.#settings.services).map(([name, url]) =>
      this.#ports.health(name, url),
    );
    return { services: await Promise.all(asked) };
  }

  /** Tells a bot's latest decisions in words, and what keeps its account from trading now. */
  /** Returns the limits of an account as they hold now, by key as a configuration writes them. */
  async limits(accountId: string) {
    const { limitsJson, changed } = await this.#clients.risk.getLimits({ accountId }, ASK);
    return { accountId, changed, limits: JSON.parse(limitsJson) as unknown };
  }

  async why(botId: string, query: Fields): Promise<Why> {
    const limit = query.limit(LIMITS.whyDefault, LIMITS.listMax);
    const request = { botId, accountId: '', limit };
    const { signal, risk, execution } = this.#clients;
    const [standing, signals, intents, denials, orders, fills] = await Promise.all([
      this.#standing(botId),
      signal.listSignals(request, ASK),
      risk.listIntents(request, ASK),
      risk.listDenials(request, ASK),
      execution.listOrders({ ...request, openOnly: false }, ASK),
      execution.listFills({ ...request, afterUs: 0n }, ASK),
    ]);
    const decisions = {
      signals: signals.signals.map(signalFromWire),
      intents: intents.intents.map(intentFromWire),
      denials: denials.denials.map(denialFromWire),
      orders: orders.orders.map(orderFromWire),
      fills: fills.fills.map(fillFromWire),
    };
    return {
      standing: [...standing, ...lastRefusal(decisions)],
      entries: tellWhy(decisions, this.#instruments, limit),
    };
  }

  async #standing(botId: string): Promise<readonly string[]> {
    const { signal, execution, position } = this.#clients;
    const [{ bots }, { switches }, { breakers }, { drifts }] = await Promise.all([
      signal.listBots({ accountId: '' }, ASK),
      execution.getKillSwitch({}, ASK),
      execution.getBreakers({}, ASK),
      position.listDrifts({ accountId: '', openOnly: true, limit: 0 }, ASK),
    ]);
    const bot = bots.find((one) => one.botId === botId);
    if (bot === undefined) return [];
    const reasons = standingReasons(
      bot.accountId,
      switches.map(killSwitchJson),
      breakers.map(breakerJson),
      drifts.map(driftFromWire),
    );
    return [...botReasons(botFromWire(bot)), ...reasons];
  }
}

/** Why a bot trades as it does. */
export interface Why {
  /** What stands against it now, in words. */
  readonly standing: readonly string[];
  readonly entries: readonly WhyEntry[];
}

const ANY_TIME = { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 } as const;

function scope(query: Fields): { readonly accountId: string; readonly botId: string } {
  return {
    accountId: query.optionalText('account') ?? '',
    botId: query.optionalText('bot') ?? '',
  };
}

function listed(query: Fields): { readonly limit: number } {
  return { limit: query.limit(LIMITS.listDefault, LIMITS.listMax) };
}
