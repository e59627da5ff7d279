import { leaseKey } from '@capstan/contracts';
import { AppError, US_PER_MS } from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { BrokerVenue, Clock, Kv, Log, VenueConditions } from '@capstan/ports';
import { encodeConditions, type MarketConditions } from '@capstan/risk';
import { SWITCHES } from './kill-switches.ts';
import { LIMITS } from './limits.ts';

/** The bucket in which people are told how access to a venue stands. */
const ALERTS = 'alerts';

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
  /** What was told last of access; `undefined` before that is known. */
  #access: 'fine' | 'expired' | undefined;

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

  /** While the keys are not taken, risk lets nothing be added, and a person is told. The venue is asked on, so that it ends by itself. */
  async #tellRefused(error: AppError): Promise<void> {
    const { kv, log } = this.#ports;
    try {
      const refused = { clockOffsetUs: 0, halted: [], shortRestricted: [], keysRefused: true };
      const value = new TextEncoder().encode(encodeConditions(refused));
      await kv.put(SWITCHES, leaseKey(`conditions/${this.#accountId}`), value);
      await this.#tellAccess('expired', `${error.why} ${error.fix ?? ''}`.trim());
    } catch (failure) {
      if (!(failure instanceof AppError)) throw failure;
      log.debug('that the venue does not take the keys could not be told', { error: failure });
    }
  }

  /** Tells people how access to the venue stands, where that has changed; of one that was never refused nothing is told. */
  async #tellAccess(state: 'fine' | 'expired', advice: string): Promise<void> {
    const { kv, log } = this.#ports;
    const account = this.#accountId;
    const key = leaseKey(`token/${account}`);
    this.#access ??= await storedAccess(kv, key);
    if (this.#access === state) return;
    const value = new TextEncoder().encode(JSON.stringify({ state, advice }));
    await kv.put(ALERTS, key, value);
    this.#access = state;
    if (state === 'fine') log.info('the venue takes the keys of the account again', { account });
    else log.error('the venue does not take the keys of the account', { account, advice });
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
      // A simulated market's clock goes faster than that of waits; it is ours all the same.
      const tookUs = Math.max((clock.monotonicMs() - askedMs) * US_PER_MS, clock.nowUs() - askedUs);
      const conditions = conditionsOf(said, { askedUs, tookUs });
      const value = new TextEncoder().encode(encodeConditions(conditions));
      await kv.put(SWITCHES, leaseKey(`conditions/${this.#accountId}`), value);
      await this.#tellAccess('fine', '');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (this.#stop.signal.aborted) return;
      if (error.code === 'VENUE.CREDENTIALS') return await this.#tellRefused(error);
      log.debug("the venue's conditions could not be told", { account: this.#accountId, error });
    }
  }
}

/** Reads what was told last; nobody has told anything of an account that was never refused. */
async function storedAccess(kv: Kv, key: string): Promise<'fine' | 'expired'> {
  const entry = await kv.get(ALERTS, key);
  const text = entry === undefined ? '' : new TextDecoder().decode(entry.value);
  return text.includes('"state":"expired"') ? 'expired' : 'fine';
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
