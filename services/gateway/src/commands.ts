import { botToWire, executionService } from '@capstan/contracts';
import { TIMEFRAMES, timeUs } from '@capstan/domain';
import { type BotRecord, type ParameterValue, SHUTDOWN_RULES } from '@capstan/ports';
import { type Applied, applied } from './applied.ts';
import type { Clients } from './clients.ts';
import { notFound } from './failure.ts';
import { badField, type Fields } from './fields.ts';
import { jobJson, killSwitchJson } from './json.ts';
import { LIMITS } from './limits.ts';
import type { GatewayPorts } from './ports.ts';
import { scheduleOf } from './schedule-field.ts';
import { sizingOf } from './sizing-field.ts';

const ASK = { timeoutMs: LIMITS.commandTimeoutMs } as const;

/** Passes on what is to be changed. Every method takes the body's fields and who asks. */
export class Commands {
  readonly #clients: Clients;
  readonly #ports: Pick<GatewayPorts, 'ids' | 'clock'>;

  constructor(ports: GatewayPorts) {
    this.#clients = ports.clients;
    this.#ports = ports;
  }

  /** @throws GATEWAY.REQUEST, GATEWAY.REFUSED @idempotent by `commandId` */
  async createBot(body: Fields, actor: string): Promise<Applied> {
    const bot = botToWire(this.#bot(body, body.text('botId')));
    const request = { bot, actor, commandId: this.#commandId(body) };
    return applied(await this.#clients.signal.createBot(request, ASK));
  }

  /** Gives a bot another configuration, whole. @throws GATEWAY.REQUEST, GATEWAY.REFUSED @idempotent by `commandId` */
  async changeBot(botId: string, body: Fields, actor: string): Promise<Applied> {
    const bot = botToWire(this.#bot(body, botId));
    const request = { bot, actor, commandId: this.#commandId(body) };
    return applied(await this.#clients.signal.changeBot(request, ASK));
  }

  /** @throws GATEWAY.REFUSED @idempotent by `commandId` */
  async pauseBot(botId: string, body: Fields, actor: string): Promise<Applied> {
    const request = { botId, actor, commandId: this.#commandId(body) };
    return applied(await this.#clients.signal.pauseBot(request, ASK));
  }

  /** @throws GATEWAY.REFUSED @idempotent by `commandId` */
  async resumeBot(botId: string, body: Fields, actor: string): Promise<Applied> {
    const request = { botId, actor, commandId: this.#commandId(body) };
    return applied(await this.#clients.signal.resumeBot(request, ASK));
  }

  /** @throws GATEWAY.REFUSED @idempotent by `commandId` */
  async stopBot(botId: string, body: Fields, actor: string): Promise<Applied> {
    const untilRestart = body.flag('untilRestart', false);
    const request = { botId, actor, commandId: this.#commandId(body), untilRestart };
    return applied(await this.#clients.signal.stopBot(request, ASK));
  }

  /** Stops an account, or all of them. @throws GATEWAY.REQUEST */
  async kill(body: Fields, actor: string) {
    const { KILL_MODE_HARD, KILL_MODE_SOFT } = executionService.KillMode;
    const mode = body.oneOf('mode', ['soft', 'hard']) === 'hard' ? KILL_MODE_HARD : KILL_MODE_SOFT;
    const reason = body.text('reason');
    const accountId = body.optionalText('account') ?? '';
    const request = { accountId, mode, actor, reason, foreign: body.flag('foreign', false) };
    const { switches } = await this.#clients.execution.kill(request, ASK);
    return { killSwitches: switches.map(killSwitchJson) };
  }

  /** Lets an account, or all of them, trade again. @throws GATEWAY.REQUEST */
  async unkill(body: Fields, actor: string) {
    const accountId = body.optionalText('account') ?? '';
    const { switches } = await this.#clients.execution.unkill({ accountId, actor }, ASK);
    return { killSwitches: switches.map(killSwitchJson) };
  }

  /**
   * Changes the limits of an account, of a bot or in a symbol: `set` holds them by key, and null takes one away.
   * @throws GATEWAY.REQUEST, GATEWAY.REFUSED @idempotent by `commandId`
   */
  async setLimits(accountId: string, body: Fields, actor: string): Promise<Applied> {
    const set = Object.fromEntries(body.inner('set').entries());
    if (Object.keys(set).length === 0) throw badField('set', 'is missing');
    const request = {
      accountId,
      botId: body.optionalText('bot') ?? '',
      symbol: body.optionalText('symbol') ?? '',
      setJson: JSON.stringify(set),
      actor,
      commandId: this.#commandId(body),
    };
    return applied(await this.#clients.risk.setLimits(request, ASK));
  }

  /** Resets the breaker of an account. @throws GATEWAY.REFUSED while its cause is there, unless forced. @idempotent by `commandId` */
  async resetBreaker(accountId: string, body: Fields, actor: string): Promise<Applied> {
    const force = body.flag('force', false);
    const request = { accountId, actor, commandId: this.#commandId(body), force };
    const { resets } = await this.#clients.execution.resetBreaker(request, ASK);
    const result = resets[0]?.result;
    if (result === undefined) throw notFound(`account '${accountId}'`);
    return applied(result);
  }

  /** Sends a test to a channel of alerts, or to all, and says what came of each. */
  async testAlerts(body: Fields) {
    const channel = body.optionalText('channel') ?? '';
    const { results } = await this.#clients.reporting.testAlerts({ channel }, ASK);
    return { results };
  }

  /** Queues a backtest; the same specification gives the same job. @throws GATEWAY.REQUEST */
  async submitJob(body: Fields, actor: string) {
    const spec = Object.fromEntries(body.inner('spec').entries());
    if (Object.keys(spec).length === 0) throw badField('spec', 'is missing');
    const request = { specJson: JSON.stringify(spec), actor };
    const { job } = await this.#clients.backtest.submitJob(request, ASK);
    if (job === undefined) throw notFound('job in the answer');
    return { job: jobJson(job) };
  }

  #commandId(body: Fields): string {
    return body.optionalText('commandId') ?? this.#ports.ids.random();
  }

  #bot(body: Fields, botId: string): BotRecord {
    return {
      botId,
      accountId: body.text('accountId'),
      strategy: body.text('strategy'),
      params: parametersOf(body.inner('params')),
      symbols: [...new Set(body.texts('symbols'))].sort(),
      timeframe: body.oneOf('timeframe', TIMEFRAMES, '1m'),
      feed: body.text('feed'),
      sizing: sizingOf(body),
      ...scheduleOf(body),
      configRevision: 1,
      restartOnCrash: body.flag('restartOnCrash', true),
      onShutdown: body.oneOf('onShutdown', SHUTDOWN_RULES, 'leave'),
      state: 'starting',
      restarts: 0,
      updatedAtUs: timeUs(this.#ports.clock.nowUs()),
    };
  }
}

function parametersOf(fields: Fields): Readonly<Record<string, ParameterValue>> {
  const entries = fields.entries().map(([name, value]): readonly [string, ParameterValue] => {
    if (typeof value === 'string' || typeof value === 'boolean') return [name, value];
    if (typeof value === 'number' && Number.isFinite(value)) return [name, value];
    throw badField(`params.${name}`, 'must be a number, a text, true or false');
  });
  return Object.fromEntries(entries);
}
