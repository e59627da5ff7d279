import { AppError, hasCode } from '@capstan/domain';
import type { Clock, Log } from '@capstan/ports';
import { LIMITS } from './limits.ts';

/** What is asked of a vendor, for people. */
type Part = 'clock' | 'history' | 'stream';

interface Problem {
  readonly why: string;
  /** In a row. */
  readonly failures: number;
}

/** Goes on trying what a vendor does not do, with waits between, and says why it does not get on. */
export class Patience {
  readonly #ports: { readonly clock: Clock; readonly log: Log };
  readonly #signal: AbortSignal;
  readonly #onChange: () => void;
  readonly #problems = new Map<Part, Problem>();

  /** @param onChange is called when why it does not get on has changed. */
  constructor(
    ports: { readonly clock: Clock; readonly log: Log },
    signal: AbortSignal,
    onChange: () => void,
  ) {
    this.#ports = ports;
    this.#signal = signal;
    this.#onChange = onChange;
  }

  /** Why it does not get on; '' where it does. */
  get problem(): string {
    return [...this.#problems.values()].map(({ why }) => why).join(' ');
  }

  /** Notes that the vendor does it. */
  well(part: Part): void {
    if (!this.#problems.delete(part)) return;
    this.#ports.log.info('the vendor is there again', { part });
    this.#onChange();
  }

  /** Does something until it was done once, or all is over. Throws what is no failure of the vendor. */
  async until(part: Part, work: () => Promise<void>): Promise<void> {
    while (!this.#signal.aborted) {
      if (await this.once(part, work)) return this.well(part);
    }
  }

  /** Does something, and waits after it where it fails. @returns whether it was done. */
  async once(part: Part, work: () => Promise<void>): Promise<boolean> {
    const { clock, log } = this.#ports;
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (this.#signal.aborted) return false;
      const { why, failures = 0 } = this.#problems.get(part) ?? {};
      if (why !== error.message) log.warn('the vendor does not do its part', { part, error });
      this.#problems.set(part, { why: error.message, failures: failures + 1 });
      this.#onChange();
      await clock.sleep(waitMs(error, failures), this.#signal);
      return false;
    }
  }
}

/** Where we are refused a person has to do something first. */
function waitMs(error: AppError, failures: number): number {
  const isRefused = hasCode(error, 'MARKET.CREDENTIALS') || hasCode(error, 'MARKET.ENTITLEMENT');
  if (isRefused) return LIMITS.refusedMs;
  return Math.min(LIMITS.retryFirstMs * 2 ** Math.min(failures, 16), LIMITS.retryMaxMs);
}
