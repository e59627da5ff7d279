import {
  type backtestService,
  botFromWire,
  type Client,
  type executionService,
  int64,
  type reportingService,
  type riskService,
  type signalService,
} from '@capstan/contracts';
import { AppError, formatDecimal, type InstrumentBook } from '@capstan/domain';
import type { BotRecord } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** The services that the operator asks. */
export interface Clients {
  readonly signal: Client<typeof signalService.SignalServiceDefinition>;
  readonly risk: Client<typeof riskService.RiskServiceDefinition>;
  readonly execution: Client<typeof executionService.ExecutionServiceDefinition>;
  readonly reporting: Client<typeof reportingService.ReportingServiceDefinition>;
  readonly backtest: Client<typeof backtestService.BacktestServiceDefinition>;
}

const ASK = { timeoutMs: LIMITS.askTimeoutMs } as const;
const CENTS_DECIMALS = 2;

/**
 * The platform as one pass over the resources sees it: each question is asked once, when it is first needed, and a service that did not
 * answer is asked nothing more: all its bots would wait for it, one after the other.
 */
export class PlatformView {
  readonly #clients: Clients;
  readonly #instruments: InstrumentBook;
  readonly #asked = new Map<string, Promise<unknown>>();
  readonly #silent = new Map<keyof Clients, AppError>();

  constructor(clients: Clients, instruments: InstrumentBook) {
    this.#clients = clients;
    this.#instruments = instruments;
  }

  async bot(botId: string): Promise<BotRecord | undefined> {
    const { bots } = await this.#once('signal', 'bots', () =>
      this.#clients.signal.listBots({ accountId: '' }, ASK),
    );
    const found = bots.find((bot) => bot.botId === botId);
    return found && botFromWire(found);
  }

  /** When the last slice ended that a bot of an account decided on; 0 before the first. */
  async lastSliceUs(accountId: string): Promise<number> {
    const { bots } = await this.#once('signal', 'bots', () =>
      this.#clients.signal.listBots({ accountId: '' }, ASK),
    );
    const own = bots.filter((bot) => bot.accountId === accountId);
    return Math.max(0, ...own.map(({ lastSliceEndUs }) => int64.number(lastSliceEndUs)));
  }

  async account(accountId: string): Promise<riskService.Account | undefined> {
    const { accounts } = await this.#once('risk', 'accounts', () =>
      this.#clients.risk.listAccounts({}, ASK),
    );
    return accounts.find((one) => one.accountId === accountId);
  }

  async accountIds(): Promise<readonly string[]> {
    const { accounts } = await this.#once('risk', 'accounts', () =>
      this.#clients.risk.listAccounts({}, ASK),
    );
    return accounts.map(({ accountId }) => accountId);
  }

  /** What is held, as `QQQ 10, SPY -5`; `flat` where nothing is. @param botId of this bot; of the whole account where absent. */
  async position(accountId: string, botId?: string): Promise<string> {
    const { positions } = await this.#ledger(accountId);
    const sums = new Map<string, number>();
    for (const one of positions) {
      if (botId !== undefined && one.botId !== botId) continue;
      sums.set(one.symbol, (sums.get(one.symbol) ?? 0) + int64.number(one.quantity));
    }
    const held = [...sums].filter(([, quantity]) => quantity !== 0).sort();
    if (held.length === 0) return 'flat';
    const text = ([symbol, quantity]: (typeof held)[number]) =>
      `${symbol} ${formatDecimal(quantity, this.#instruments.get(symbol).quantityScale)}`;
    return held.map(text).join(', ');
  }

  /**
   * Profit and loss since the beginning, fees included, in units of cash, at the end of the last slice; `undefined` before the first.
   * @param botId of this bot; of the whole account where absent.
   */
  async profit(
    accountId: string,
    botId: string | undefined,
    afterUs: bigint,
  ): Promise<string | undefined> {
    const point = await this.#lastPoint(accountId, botId, afterUs);
    if (point === undefined) return undefined;
    return cash(point.realisedMicros + point.unrealisedMicros - point.feesMicros);
  }

  async equity(accountId: string, afterUs: bigint): Promise<string | undefined> {
    const point = await this.#lastPoint(accountId, undefined, afterUs);
    return point === undefined ? undefined : cash(point.cashMicros + point.marketValueMicros);
  }

  async killSwitch(accountId: string): Promise<number> {
    const { switches } = await this.#once('execution', 'kill', () =>
      this.#clients.execution.getKillSwitch({}, ASK),
    );
    return Math.max(
      0,
      ...switches
        .filter((one) => one.accountId === accountId || one.accountId === '')
        .map(({ mode }) => mode),
    );
  }

  async #lastPoint(accountId: string, botId: string | undefined, afterUs: bigint) {
    const request = { accountId, botId: botId ?? '', afterUs, limit: 0 };
    const { points } = await this.#once('reporting', `equity ${accountId} ${botId ?? '*'}`, () =>
      this.#clients.reporting.getEquity(request, ASK),
    );
    return points.at(-1);
  }

  #ledger(accountId: string) {
    return this.#once('risk', `ledger ${accountId}`, () =>
      this.#clients.risk.getLedger({ accountId }, ASK),
    );
  }

  async #once<T>(service: keyof Clients, what: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#asked.get(what) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const silent = this.#silent.get(service);
    if (silent !== undefined) throw silent;
    const asked = ask();
    this.#asked.set(what, asked);
    try {
      return await asked;
    } catch (error) {
      if (error instanceof AppError && error.retry === 'retryable')
        this.#silent.set(service, error);
      throw error;
    }
  }
}

/** Returns a figure, or why it is not known now: a bot is told of also where its figures are away. */
export async function tried(
  figure: Promise<string | undefined>,
): Promise<{ readonly value?: string | undefined; readonly problem?: string }> {
  try {
    return { value: await figure };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problem: `its figures are the last that were told: ${error.why}` };
  }
}

function cash(micros: bigint): string {
  const cents = (micros + (micros < 0n ? -5_000n : 5_000n)) / 10_000n;
  return formatDecimal(Number(cents), CENTS_DECIMALS);
}
