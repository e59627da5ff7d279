import { leaseKey } from '@capstan/contracts';
import { AppError, US_PER_MS } from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { BrokerVenue, Clock, Kv, Log, VenueConditions } from '@capstan/ports';
import { encodeConditions, type MarketConditions } from '@capstan/risk';
import { SWITCHES } from './kill-switches.ts';
import { LIMITS } from './limits.ts';

export interface ConditionPorts {
  readonly venue: Pick<BrokerVenue, 'conditions'>;
  readonly kv: Kv;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Asks an account's venue again and again how its clock and its symbols stand, and shows it to risk under `conditions/<account>`.
 * It brings the owner nothing. What was said last stands for as long as the venue or the bus is away.
 */
export class ConditionWatch implements OwnerSource {
  readonly #ports: ConditionPorts;
  readonly #accountId: string;
  readonly #stop = new AbortController();

  constructor(ports: ConditionPorts, accountId: string) {
    this.#ports = ports;
    this.#accountId = accountId;
  }

  async next(): Promise<readonly unknown[]> {
    const { clock, venue } = this.#ports;
    const { signal } = this.#stop;
    while (venue.conditions !== undefined && !signal.aborted) {
      await this.#tell();
      await clock.sleep(LIMITS.conditionsEveryMs, signal);
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return [];
  }

  close(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }

  async #tell(): Promise<void> {
    const { venue, kv, clock, log } = this.#ports;
    const [askedUs, askedMs] = [clock.nowUs(), clock.monotonicMs()];
    try {
      const said = await venue.conditions?.();
      if (said === undefined || this.#stop.signal.aborted) return;
      const tookUs = (clock.monotonicMs() - askedMs) * US_PER_MS;
      const conditions = conditionsOf(said, { askedUs, tookUs });
      const value = new TextEncoder().encode(encodeConditions(conditions));
      await kv.put(SWITCHES, leaseKey(`conditions/${this.#accountId}`), value);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.debug("the venue's conditions could not be told", { account: this.#accountId, error });
    }
  }
}

/**
 * Returns what risk is told. The venue read its clock at some time between the question and its answer: only what lies beyond that is
 * surely an offset.
 */
export function conditionsOf(
  { nowUs, restrictions }: VenueConditions,
  { askedUs, tookUs }: { readonly askedUs: number; readonly tookUs: number },
): MarketConditions {
  const names = (pick: 'halted' | 'shortRestricted') =>
    restrictions
      .filter((one) => one[pick])
      .map(({ symbol }) => symbol)
      .sort();
  const answeredUs = askedUs + Math.ceil(tookUs);
  return {
    clockOffsetUs: Math.max(0, askedUs - nowUs, nowUs - answeredUs),
    halted: names('halted'),
    shortRestricted: names('shortRestricted'),
  };
}
