import { leaseKey } from '@capstan/contracts';
import { deriveId, type TimeUs } from '@capstan/domain';
import type { Clock, Kv, Log, Meter } from '@capstan/ports';
import { type Breaker, breakerReason, closedBreaker, encodeBreaker } from '@capstan/risk';
import { KeptValue } from './kept-value.ts';
import { SWITCHES } from './kill-switches.ts';
import type { AccountSettings } from './settings.ts';
import type { AccountState } from './state.ts';
import type { Step } from './step.ts';
import { METRICS } from './telemetry.ts';

/** Returns the breaker after the venue took an order. */
export function afterAcceptance(breaker: Breaker): Breaker {
  if (breaker.open || breaker.failures === 0) return breaker;
  return { ...breaker, failures: 0, reason: '' };
}

/** Returns the breaker after a failure: with the last one that is allowed in a row it opens. */
export function afterFailure(breaker: Breaker, reason: string, atUs: TimeUs): Breaker {
  const failures = breaker.failures + 1;
  const opens = !breaker.open && failures >= breaker.failuresMax;
  return { ...breaker, failures, reason, ...(opens ? { open: true, sinceUs: atUs } : {}) };
}

/** Names the key under which an account's breaker is stored for others. */
export const breakerKey = (accountId: string): string => leaseKey(`breaker/${accountId}`);

/** The breaker of an account in one ownership: it counts, and tells others once what it says is committed. */
export class AccountBreaker {
  readonly #ports: { readonly clock: Clock; readonly meter: Meter };
  readonly #settings: AccountSettings;
  readonly #stateOf: () => AccountState;
  readonly #kept: KeptValue;
  #committed: Breaker | undefined;

  constructor(
    ports: { readonly kv: Kv; readonly clock: Clock; readonly meter: Meter },
    settings: AccountSettings,
    stateOf: () => AccountState,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#stateOf = stateOf;
    this.#kept = new KeptValue(ports, SWITCHES, breakerKey(settings.accountId));
  }

  get standing(): Breaker {
    const { breakerFailuresMax: failuresMax } = this.#settings;
    const { breaker } = this.#stateOf();
    return breaker === undefined ? closedBreaker(failuresMax) : { ...breaker, failuresMax };
  }

  accepted(): void {
    this.#stateOf().breaker = afterAcceptance(this.standing);
  }

  /** @param reason what the venue said, or that it said nothing. */
  failed(reason: string): void {
    this.#stateOf().breaker = afterFailure(this.standing, reason, this.#ports.clock.nowUs());
  }

  reset(): void {
    const { breakerFailuresMax } = this.#settings;
    this.#stateOf().breaker = closedBreaker(breakerFailuresMax, this.#ports.clock.nowUs());
  }

  /** Tells others nothing any more: another owner does. */
  forget(): void {
    this.#kept.forget();
  }

  /** Adds to a step what is to be kept of an opening. */
  record(step: Step): void {
    const { open, sinceUs } = this.standing;
    if (!open || this.#committed === undefined || this.#committed.open) return;
    const { accountId } = this.#settings;
    step.audit({
      auditId: deriveId('breaker', accountId, sinceUs),
      atUs: sinceUs,
      actor: 'execution',
      action: 'BreakerOpened',
      subject: accountId,
      details: JSON.stringify(this.standing),
    });
  }

  /** Tells others what is committed now. */
  tell(log: Log): void {
    const { standing } = this;
    const before = this.#committed;
    if (before !== undefined && encodeBreaker(before) === encodeBreaker(standing)) return;
    this.#committed = standing;
    const { accountId } = this.#settings;
    this.#ports.meter.gauge(METRICS.breakerOpen, standing.open ? 1 : 0, { account: accountId });
    void this.#kept.put(new TextEncoder().encode(encodeBreaker(standing)));
    if (standing.open && before?.open !== true)
      log.error(`${breakerReason(standing)}; only what reduces goes out until a person resets it`, {
        account: accountId,
      });
  }
}
