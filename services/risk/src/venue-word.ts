import { leaseKey } from '@capstan/contracts';
import type { TimeUs } from '@capstan/domain';
import type { Clock, KvEntry, Log, Meter } from '@capstan/ports';
import { CLOCK_OFFSET_WARN_US, decodeConditions, type KnownConditions } from '@capstan/risk';
import { METRICS } from './telemetry.ts';

/** Names the key under which execution tells what an account's venue says of its clock and its symbols. */
export function conditionsKey(accountId: string): string {
  return leaseKey(`conditions/${accountId}`);
}

/** Names the key under which market-data tells what the vendor of a feed says of its clock and its symbols. */
export function feedConditionsKey(feed: string): string {
  return leaseKey(`conditions/feed/${feed}`);
}

/**
 * What an account's venue, and the vendors of its feeds, say of their clocks and symbols, for policies, and for people where our clock is
 * off. Of several words the worst counts.
 */
export class VenueWord {
  readonly #ports: { readonly clock: Clock; readonly log: Log; readonly meter: Meter };
  readonly #labels: Readonly<Record<string, string>>;
  /** By the key under which they are told. */
  readonly #told = new Map<string, KnownConditions | undefined>();
  #conditions: KnownConditions | undefined;

  constructor(
    ports: { readonly clock: Clock; readonly log: Log; readonly meter: Meter },
    labels: Readonly<Record<string, string>>,
  ) {
    this.#ports = ports;
    this.#labels = labels;
  }

  /** Takes what is stored under a key; nothing where nobody has told anything there yet. */
  learn(key: string, entry: KvEntry | undefined): void {
    const { log, meter } = this.#ports;
    const before = this.#conditions;
    const told =
      entry === undefined ? undefined : decodeConditions(new TextDecoder().decode(entry.value));
    this.#told.set(key, told);
    const now = worstOf([...this.#told.values()]);
    this.#conditions = now;
    if (now === 'unreadable') {
      log.warn('what the venue says of its symbols cannot be read: nothing is added', this.#labels);
      return;
    }
    const [was, is] = [offsetOf(before), offsetOf(now)];
    meter.gauge(METRICS.clockOffset, is / 1_000_000, this.#labels);
    if (is > CLOCK_OFFSET_WARN_US && was <= CLOCK_OFFSET_WARN_US)
      log.warn("our clock and the venue's are apart", { ...this.#labels, clockOffsetUs: is });
    const restricted = { halted: now?.halted ?? [], shortRestricted: now?.shortRestricted ?? [] };
    if (namesOf(before) !== namesOf(now))
      log.warn('the venue restricts symbols', { ...this.#labels, ...restricted });
  }

  /**
   * Returns what policies are shown.
   * @param sliceEndUs of a feed that follows the clock on the wall: a slice that ends ahead of our clock shows by how much that is
   * behind, at the least. Absent in a playback.
   */
  seen(sliceEndUs: TimeUs | undefined): {
    readonly conditions?: KnownConditions;
    readonly clockOffsetUs?: number;
  } {
    const conditions = this.#conditions;
    if (sliceEndUs === undefined && conditions === undefined) return {};
    const behindUs = Math.max(0, (sliceEndUs ?? 0) - this.#ports.clock.nowUs());
    if (behindUs > CLOCK_OFFSET_WARN_US) {
      const said = { ...this.#labels, clockOffsetUs: behindUs };
      this.#ports.log.warn('our clock is behind the market', said);
    }
    return {
      ...(conditions === undefined ? {} : { conditions }),
      clockOffsetUs: Math.max(behindUs, offsetOf(conditions)),
    };
  }
}

/** Returns the worst of what is told; `undefined` where nothing is. */
function worstOf(told: readonly (KnownConditions | undefined)[]): KnownConditions | undefined {
  const words = told.filter((one) => one !== undefined);
  const readable = words.filter((one) => one !== 'unreadable');
  if (readable.length < words.length) return 'unreadable';
  if (words.length === 0) return undefined;
  const union = (names: readonly (readonly string[])[]) => [...new Set(names.flat())].sort();
  return {
    clockOffsetUs: Math.max(...readable.map((one) => one.clockOffsetUs)),
    halted: union(readable.map((one) => one.halted)),
    shortRestricted: union(readable.map((one) => one.shortRestricted)),
    ...(readable.some((one) => one.keysRefused === true) ? { keysRefused: true } : {}),
  };
}

const offsetOf = (conditions: KnownConditions | undefined): number =>
  conditions === undefined || conditions === 'unreadable' ? 0 : conditions.clockOffsetUs;

function namesOf(conditions: KnownConditions | undefined): string {
  if (conditions === undefined || conditions === 'unreadable') return '[[],[]]';
  return JSON.stringify([conditions.halted, conditions.shortRestricted]);
}
