import { type executionService, int64 } from '@capstan/contracts';
import { AppError, type TimeUs } from '@capstan/domain';
import { runCommand } from '@capstan/journal';
import type { Bus, Clock, Ids, Kv, Log, Store } from '@capstan/ports';
import {
  type Breaker,
  closedBreaker,
  decodeBreaker,
  KILL_MODES,
  type KillMode,
} from '@capstan/risk';
import { breakerKey } from './breaker.ts';
import { type KillSwitches, type StandingSwitch, SWITCHES } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { PatientAudit } from './patient-audit.ts';

export interface SwitchRequestPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** An account as requests about it see it. */
export interface SwitchedAccount {
  readonly accountId: string;
  readonly breakerFailuresMax: number;
}

/** Answers requests about kill switches and breakers. Every replica can; a kill needs neither the store nor the bus. */
export class SwitchRequests {
  readonly #ports: SwitchRequestPorts;
  readonly #switches: KillSwitches;
  readonly #accounts: readonly SwitchedAccount[];
  readonly #audit: PatientAudit;

  /** @param switches those of this process, shared with its owners. @param accounts all configured accounts. */
  constructor(
    ports: SwitchRequestPorts,
    switches: KillSwitches,
    accounts: readonly SwitchedAccount[],
  ) {
    this.#ports = ports;
    this.#switches = switches;
    this.#accounts = accounts;
    this.#audit = new PatientAudit(ports);
  }

  /**
   * Throws the kill switch, of one account or of all. It counts in this process at once, everywhere as soon as it is stored. A hard
   * kill that stands is not lessened by a soft one: the answer has what stands then.
   * @throws EXECUTION.ACCOUNT, EXECUTION.KILL
   */
  async kill(request: executionService.KillRequest): Promise<executionService.KillResponse> {
    const mode = KILL_MODES[request.mode - 1];
    if (mode === undefined || mode === 'off') {
      throw new AppError({
        code: 'EXECUTION.KILL',
        why: 'a kill must be soft or hard.',
        fix: 'Soft stops what adds; hard also cancels and flattens.',
      });
    }
    if (request.foreign && mode !== 'hard') {
      throw new AppError({
        code: 'EXECUTION.KILL',
        why: 'only a hard kill flattens, so a soft one cannot flatten what Capstan does not hold.',
        fix: 'Ask for a hard kill, or leave foreign positions out.',
      });
    }
    return { switches: await this.#set(request, mode) };
  }

  /** @throws EXECUTION.ACCOUNT, BUS.UNAVAILABLE: the kill then stands. */
  async unkill(request: executionService.UnkillRequest): Promise<executionService.UnkillResponse> {
    return { switches: await this.#set({ ...request, reason: '', foreign: false }, 'off') };
  }

  /** Without the bus it is what this process knows. */
  async getKillSwitch(): Promise<executionService.GetKillSwitchResponse> {
    const switches = this.#accounts.map(async ({ accountId }) => {
      try {
        await this.#switches.read(accountId);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
      return this.#toWire(accountId, await this.#switches.progress(accountId));
    });
    return { switches: await Promise.all(switches) };
  }

  /** @throws BUS.UNAVAILABLE */
  async getBreakers(): Promise<executionService.GetBreakersResponse> {
    const breakers = this.#accounts.map(async ({ accountId, breakerFailuresMax }) => {
      const entry = await this.#ports.kv.get(SWITCHES, breakerKey(accountId));
      const breaker =
        entry === undefined
          ? closedBreaker(breakerFailuresMax)
          : decodeBreaker(new TextDecoder().decode(entry.value));
      return breakerToWire(accountId, breaker);
    });
    return { breakers: await Promise.all(breakers) };
  }

  /**
   * @idempotent by `commandId`, one an account
   * @throws EXECUTION.ACCOUNT, COMMAND.TIMEOUT
   */
  async resetBreaker(
    request: executionService.ResetBreakerRequest,
  ): Promise<executionService.ResetBreakerResponse> {
    const { actor, force } = request;
    const { ids, clock } = this.#ports;
    const commandId = request.commandId === '' ? ids.random() : request.commandId;
    const resets = this.#named(request.accountId).map(async (accountId) => {
      const command = {
        commandId: `${commandId}/${accountId}`,
        key: `execution/${accountId}`,
        kind: 'ResetBreaker',
        payload: JSON.stringify({ force }),
        actor,
        createdAtUs: clock.nowUs(),
        state: 'pending',
      } as const;
      const answered = await runCommand(this.#ports, command, LIMITS.commandTimeoutMs);
      const applied = answered.state === 'done';
      const result = { commandId: answered.commandId, applied, message: answered.result ?? '' };
      return { accountId, result };
    });
    return { resets: await Promise.all(resets) };
  }

  async #set(
    request: {
      readonly accountId: string;
      readonly actor: string;
      readonly reason: string;
      readonly foreign: boolean;
    },
    mode: KillMode,
  ): Promise<executionService.KillSwitch[]> {
    const { actor, reason, foreign } = request;
    const accounts = this.#named(request.accountId);
    const to = { mode, actor, reason, foreign };
    const standing = await Promise.all(
      accounts.map((accountId) => this.#switches.set(accountId, to)),
    );
    await Promise.all(
      accounts.map((accountId, index) =>
        this.#audit.add({
          auditId: this.#ports.ids.random(),
          atUs: standing[index]?.sinceUs ?? this.#ports.clock.nowUs(),
          actor,
          action: mode === 'off' ? 'Unkill' : 'Kill',
          subject: accountId,
          details: JSON.stringify({
            ...{ mode, reason, ...(foreign ? { foreign } : {}) },
            ...(standing[index]?.mode === mode ? {} : { stays: standing[index]?.mode }),
          }),
        }),
      ),
    );
    return accounts.map((accountId) => this.#toWire(accountId, ''));
  }

  #toWire(accountId: string, progress: string): executionService.KillSwitch {
    const { mode, actor, reason, sinceUs, foreign }: StandingSwitch = this.#switches.get(accountId);
    return {
      accountId,
      mode: modeToWire(mode),
      actor,
      reason,
      sinceUs: int64.of(sinceUs),
      foreign,
      unsaved: this.#switches.isUnsaved(accountId),
      progress,
    };
  }

  /** @returns the accounts that a request means: one, or all. @throws EXECUTION.ACCOUNT */
  #named(accountId: string): readonly string[] {
    const known = this.#accounts.map((one) => one.accountId);
    if (accountId === '') return known;
    if (known.includes(accountId)) return [accountId];
    throw new AppError({
      code: 'EXECUTION.ACCOUNT',
      why: `there is no account '${accountId}'.`,
      fix: `Known: ${known.join(', ')}.`,
    });
  }
}

/** The modes stand in the contract's order, after the unspecified. */
const modeToWire = (mode: KillMode): executionService.KillMode =>
  (KILL_MODES.indexOf(mode) + 1) as executionService.KillMode;

function breakerToWire(accountId: string, breaker: Breaker): executionService.Breaker {
  const { open, failures, failuresMax, reason }: Breaker = breaker;
  const sinceUs: TimeUs = breaker.sinceUs;
  return { accountId, open, failures, failuresMax, reason, sinceUs: int64.of(sinceUs) };
}
