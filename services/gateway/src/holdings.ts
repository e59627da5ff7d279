import { AppError, type Instrument } from '@capstan/domain';
import {
  type AccountValue,
  bySymbol,
  type ValuedPosition,
  valueAccount,
  valuePositions,
} from './account-value.ts';
import type { Identity } from './authenticator.ts';
import type { Clients } from './clients.ts';
import type { Fields } from './fields.ts';
import {
  type BreakerJson,
  breakerJson,
  type FeedJson,
  feedJson,
  type KillSwitchJson,
  killSwitchJson,
  ledgerCashJson,
  ledgerPositionJson,
  parsed,
} from './json.ts';
import { LIMITS } from './limits.ts';
import type { Marks } from './marks.ts';
import type { GatewayPorts, GatewaySettings } from './ports.ts';

const ASK = { timeoutMs: LIMITS.rpcTimeoutMs } as const;

/** An account with what it is worth now, where the ledger could be read. */
export interface AccountJson extends Partial<AccountValue> {
  readonly accountId: string;
  readonly venue: string;
  readonly mode: string;
  readonly currency: string;
  readonly limits: unknown;
}

/** A part of an overview that could not be had. */
export interface Problem {
  readonly part: string;
  readonly code: string;
  readonly why: string;
  readonly fix: string;
}

export interface Overview {
  readonly runId: string;
  /** True where nothing reaches a broker. */
  readonly dryRun: boolean;
  readonly environment: string;
  readonly version: string;
  readonly nowUs: number;
  readonly actor: string;
  readonly role: string;
  readonly instruments: readonly Instrument[];
  readonly accounts: readonly AccountJson[];
  readonly killSwitches: readonly KillSwitchJson[];
  readonly breakers: readonly BreakerJson[];
  readonly feeds: readonly FeedJson[];
  readonly problems: readonly Problem[];
}

/** Answers what is held and what it is worth: the ledger with the newest prices. */
export class Holdings {
  readonly #clients: Clients;
  readonly #clock: GatewayPorts['clock'];
  readonly #settings: GatewaySettings;
  readonly #marks: Marks;
  readonly #instruments: ReadonlyMap<string, Instrument>;

  constructor(ports: GatewayPorts, settings: GatewaySettings, marks: Marks) {
    this.#clients = ports.clients;
    this.#clock = ports.clock;
    this.#settings = settings;
    this.#marks = marks;
    this.#instruments = bySymbol(settings.instruments);
  }

  /** Tells all that the page's head shows. A service that does not answer leaves a problem, not a failure. */
  async overview(who: Identity): Promise<Overview> {
    const problems: Problem[] = [];
    const part = <T>(name: string, asked: Promise<T>, otherwise: T): Promise<T> =>
      asked.catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        problems.push({ part: name, code: error.code, why: error.why, fix: error.fix ?? '' });
        return otherwise;
      });
    const [feeds, listed, killSwitches, breakers] = await Promise.all([
      part('feeds', this.#feeds(), []),
      part('accounts', this.#accounts(), []),
      part('killSwitches', this.#killSwitches(), []),
      part('breakers', this.#breakers(), []),
    ]);
    const accounts = await Promise.all(
      listed.map(async (account): Promise<AccountJson> => {
        const held = this.#held(account.accountId, feeds);
        const value = await part(`ledger of ${account.accountId}`, held, undefined);
        return { ...account, ...value?.value };
      }),
    );
    const { runId, dryRun, environment, version, instruments } = this.#settings;
    return {
      runId,
      dryRun,
      environment,
      version,
      nowUs: this.#clock.nowUs(),
      ...who,
      instruments: instruments.all(),
      accounts,
      killSwitches,
      breakers,
      feeds,
      problems,
    };
  }

  /** Tells the positions of an account, or of all of them, by bot. */
  async positions(query: Fields) {
    const wanted = query.optionalText('account');
    const [feeds, all] = await Promise.all([this.#feeds(), this.#accounts()]);
    const accounts = all.filter((one) => wanted === undefined || one.accountId === wanted);
    const held = await Promise.all(
      accounts.map(async (account) => {
        const { value, positions } = await this.#held(account.accountId, feeds);
        return { account: { ...account, ...value }, positions };
      }),
    );
    return {
      accounts: held.map((one) => one.account),
      positions: held.flatMap((one) => one.positions),
    };
  }

  async #held(
    accountId: string,
    feeds: readonly FeedJson[],
  ): Promise<{ value: AccountValue; positions: readonly ValuedPosition[] }> {
    const ledger = await this.#clients.risk.getLedger({ accountId }, ASK);
    const rows = ledger.positions.map(ledgerPositionJson);
    const open = rows.filter((row) => row.quantity !== 0).map((row) => row.symbol);
    const marks = await this.#marks.of([...new Set(open)], feeds);
    const positions = valuePositions(rows, this.#instruments, marks);
    return { value: valueAccount(ledger.cash.map(ledgerCashJson), positions), positions };
  }

  async #feeds(): Promise<readonly FeedJson[]> {
    const { feeds } = await this.#clients.market.listFeeds({}, ASK);
    return feeds.map(feedJson);
  }

  async #accounts(): Promise<readonly AccountJson[]> {
    const { accounts } = await this.#clients.risk.listAccounts({}, ASK);
    return accounts.map(({ limitsJson, ...account }) => ({
      ...account,
      limits: parsed(limitsJson),
    }));
  }

  async #killSwitches(): Promise<readonly KillSwitchJson[]> {
    const { switches } = await this.#clients.execution.getKillSwitch({}, ASK);
    return switches.map(killSwitchJson);
  }

  async #breakers(): Promise<readonly BreakerJson[]> {
    const { breakers } = await this.#clients.execution.getBreakers({}, ASK);
    return breakers.map(breakerJson);
  }
}
