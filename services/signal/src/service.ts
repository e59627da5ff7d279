import {
  botFromWire,
  botToWire,
  type Implementation,
  parameterToWire,
  type signalService,
  signalToWire,
} from '@capstan/contracts';
import { AppError, deriveId, type Order, type OrderState } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { BotRecord, Bus, Clock, CommandRecord, Ids, Store } from '@capstan/ports';
import { type Strategy, type StrategyRegistry, strategyWarmup } from '@capstan/strategy';
import type { BotConfig } from './bot-config.ts';
import { LIMITS } from './limits.ts';
import { WIND_DOWN } from './wind-down.ts';

type Definition = typeof signalService.SignalServiceDefinition;

export interface SignalServicePorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** States in which an order can still trade. */
const OPEN_STATES: readonly OrderState[] = [
  'submitting',
  'unknown',
  'accepted',
  'partiallyFilled',
  'cancelling',
  'replacing',
];

/** Answers questions about bots and takes wishes to change them. */
export class SignalService implements Implementation<Definition> {
  readonly #ports: SignalServicePorts;
  readonly #strategies: StrategyRegistry;
  readonly #ensure: (botId: string) => void;

  /** @param ensure starts an owner of a bot in this process. */
  constructor(
    ports: SignalServicePorts,
    strategies: StrategyRegistry,
    ensure: (botId: string) => void,
  ) {
    this.#ports = ports;
    this.#strategies = strategies;
    this.#ensure = ensure;
  }

  async listBots(request: signalService.ListBotsRequest): Promise<signalService.ListBotsResponse> {
    const filter = request.accountId === '' ? {} : { accountId: request.accountId };
    return { bots: (await this.#ports.store.bots(filter)).map(botToWire) };
  }

  /**
   * Makes a bot; one that is described as paused watches from its first bar on, and gives no signal before it is resumed.
   * @idempotent by `commandId`
   */
  async createBot(request: signalService.CreateBotRequest) {
    const config = configOf(request.bot);
    const paused = request.bot !== undefined && botFromWire(request.bot).state === 'paused';
    this.#ensure(config.botId);
    const payload = JSON.stringify(paused ? { ...config, paused } : config);
    return this.#command('CreateBot', { ...request, botId: config.botId }, payload);
  }

  /** @idempotent by `commandId`, and by the configuration */
  changeBot(request: signalService.ChangeBotRequest) {
    const config = configOf(request.bot);
    return this.#command('ChangeBot', { ...request, botId: config.botId }, JSON.stringify(config));
  }

  pauseBot(request: signalService.PauseBotRequest) {
    return this.#command('PauseBot', request);
  }

  resumeBot(request: signalService.ResumeBotRequest) {
    return this.#command('ResumeBot', request);
  }

  /** Stops a bot, or only until the platform is started again; unless its rule is `leave`, its working orders are cancelled too. */
  async stopBot(request: signalService.StopBotRequest) {
    const result = await this.#command(request.untilRestart ? WIND_DOWN : 'StopBot', request);
    const [bot] = await this.#ports.store.bots({ botId: request.botId });
    if (result.applied && bot !== undefined && bot.onShutdown !== 'leave') {
      await this.#cancelOrders(bot, request.actor);
    }
    return result;
  }

  listStrategies(): Promise<signalService.ListStrategiesResponse> {
    return Promise.resolve({ strategies: this.#strategies.list().map(strategyToWire) });
  }

  async listSignals(
    request: signalService.ListSignalsRequest,
  ): Promise<signalService.ListSignalsResponse> {
    const signals = await this.#ports.store.signals({
      ...(request.botId === '' ? {} : { botId: request.botId }),
      ...(request.accountId === '' ? {} : { accountId: request.accountId }),
      limit: Math.min(request.limit === 0 ? LIMITS.listMax : request.limit, LIMITS.listMax),
    });
    return { signals: signals.map(signalToWire) };
  }

  /** Cancels what a stopped bot has working, but not the orders that close its positions. */
  async #cancelOrders(bot: BotRecord, actor: string): Promise<void> {
    const { botId, accountId, onShutdown, lastSliceEndUs } = bot;
    const orders = await this.#ports.store.orders({
      botId,
      states: OPEN_STATES,
      limit: LIMITS.listMax,
    });
    const closes = ({ reducing, decidedAtUs }: Order) =>
      onShutdown === 'flatten' && reducing && decidedAtUs === lastSliceEndUs;
    for (const { orderId } of orders.filter((order) => !closes(order))) {
      const command = this.#record(
        `execution/${accountId}`,
        'CancelOrder',
        { actor, commandId: '' },
        JSON.stringify({ orderId }),
      );
      await runCommand(this.#ports, command, LIMITS.commandTimeoutMs);
    }
  }

  async #command(
    kind: string,
    request: { botId: string; actor: string; commandId: string },
    payload = '{}',
  ) {
    const known = await this.#ports.store.bots({ botId: request.botId });
    if (known.length === 0 && kind !== 'CreateBot') {
      throw new AppError({
        code: 'SIGNAL.BOT',
        why: `there is no bot '${request.botId}'.`,
        fix: 'See `capstan bots`.',
      });
    }
    const command = this.#record(`bot/${request.botId}`, kind, request, payload);
    const done = await runCommand(this.#ports, command, LIMITS.commandTimeoutMs);
    return {
      commandId: done.commandId,
      applied: done.state === 'done',
      message: done.result ?? '',
    };
  }

  #record(
    key: string,
    kind: string,
    from: { actor: string; commandId: string },
    payload: string,
  ): CommandRecord {
    const { clock, ids } = this.#ports;
    const commandId = from.commandId === '' ? deriveId('command', ids.random()) : from.commandId;
    return {
      commandId,
      key,
      kind,
      payload,
      actor: from.actor,
      createdAtUs: clock.nowUs(),
      state: 'pending',
    };
  }
}

function configOf(described: signalService.Bot | undefined): BotConfig {
  if (described === undefined || described.botId === '') {
    throw new AppError({
      code: 'SIGNAL.BOT',
      why: 'the request describes no bot.',
      fix: 'Give it at least a name.',
    });
  }
  const { botId, accountId, strategy, params, symbols, timeframe, feed, sizing, ...rest } =
    botFromWire(described);
  const { schedule, restartOnCrash, onShutdown } = rest;
  return {
    ...{ botId, accountId, strategy, params, symbols, timeframe, feed, sizing },
    ...{ schedule, restartOnCrash, onShutdown },
  };
}

function strategyToWire(strategy: Strategy): signalService.Strategy {
  return {
    name: strategy.name,
    title: strategy.title,
    description: `${strategy.description} Warm-up with the defaults: ${warmupOf(strategy)} bars.`,
    parameters: Object.entries(strategy.params).map(([name, parameter]) => ({
      name,
      kind: parameter.type,
      description: parameter.description,
      defaultValue: parameterToWire(parameter.default),
      minimum: 'min' in parameter ? parameter.min : undefined,
      maximum: 'max' in parameter ? parameter.max : undefined,
    })),
  };
}

function warmupOf(strategy: Strategy): number {
  const defaults = Object.fromEntries(
    Object.entries(strategy.params).map(([name, parameter]) => [name, parameter.default]),
  );
  return strategyWarmup(strategy, defaults, '1m');
}
