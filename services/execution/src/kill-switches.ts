import { leaseKey } from '@capstan/contracts';
import { AppError, type TimeUs, timeUs } from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { Clock, Kv, KvEntry, KvWatch } from '@capstan/ports';
import { KILL_MODES, KILL_OFF, type KillMode, type KillSwitch } from '@capstan/risk';
import { type Keeps, KeptValue } from './kept-value.ts';
import { LIMITS } from './limits.ts';
import { within } from './within.ts';

/** The bucket of what stops trading. */
export const SWITCHES = 'switches';

/** A kill switch with the time since which it stands so. */
export interface StandingSwitch extends KillSwitch {
  readonly sinceUs: TimeUs;
  /** Hard only: what Capstan does not hold is flattened too. */
  readonly foreign: boolean;
}

const OFF: StandingSwitch = { ...KILL_OFF, sinceUs: timeUs(0), foreign: false };

interface Held {
  readonly standing: StandingSwitch;
  /** Revision of the stored entry; `undefined` where it could not be stored yet. */
  readonly revision: number | undefined;
}

/**
 * The kill switches of a process's accounts, in memory and in key-value: a kill counts here before it is stored, and the lifting of
 * one only once it is. What could not be stored is stored as soon as the bus is back. One of these serves all owners and the
 * service of the process.
 */
export class KillSwitches {
  readonly #ports: { readonly kv: Kv; readonly clock: Clock };
  readonly #held = new Map<string, Held>();
  readonly #kept = new Map<string, KeptValue>();
  readonly #listeners = new Map<string, Set<(standing: StandingSwitch) => void>>();

  constructor({ kv, clock }: { readonly kv: Kv; readonly clock: Clock }) {
    this.#ports = { kv, clock };
  }

  /** Returns the switch as this process knows it at this very moment. */
  get(accountId: string): StandingSwitch {
    return this.#held.get(accountId)?.standing ?? OFF;
  }

  /** Tells whether the switch is known to this process alone. */
  isUnsaved(accountId: string): boolean {
    const held = this.#held.get(accountId);
    return held !== undefined && held.revision === undefined;
  }

  /** Reads the switch anew. A kill that could not be stored yet stands. @throws BUS.UNAVAILABLE */
  async read(accountId: string): Promise<StandingSwitch> {
    const entry = await this.#ports.kv.get(SWITCHES, keyOf(accountId));
    const held = this.#held.get(accountId);
    const standing = parseSwitch(entry);
    if (!this.isUnsaved(accountId) || severity(standing.mode) >= severity(held?.standing.mode)) {
      this.#held.set(accountId, { standing, revision: entry?.revision ?? 0 });
    }
    return this.get(accountId);
  }

  /** Takes an entry that the watch brought. Entries older than what is known say nothing. */
  learn(accountId: string, entry: KvEntry): void {
    const held = this.#held.get(accountId);
    const standing = parseSwitch(entry);
    if (held !== undefined) {
      const lifts = severity(standing.mode) < severity(held.standing.mode);
      if (held.revision === undefined ? lifts : entry.revision <= held.revision) return;
    }
    this.#held.set(accountId, { standing, revision: entry.revision });
    if (held?.standing.sinceUs !== standing.sinceUs) this.#tell(accountId, standing);
  }

  /**
   * Sets the switch. A kill counts at once, here, and is stored as soon as that is possible: {@link isUnsaved} tells whether it is.
   * It lessens none that stands, here or stored: only lifting does.
   * @returns the switch as it stands then.
   * @throws BUS.UNAVAILABLE when a lifting could not be stored: the kill then stands.
   */
  async set(
    accountId: string,
    to: KillSwitch & { readonly foreign?: boolean },
  ): Promise<StandingSwitch> {
    const { kv, clock } = this.#ports;
    const before = this.get(accountId);
    if (to.mode !== 'off' && severity(to.mode) < severity(before.mode)) return before;
    const sinceUs = timeUs(Math.max(clock.nowUs(), before.sinceUs + 1));
    const foreign = to.foreign === true || (to.mode === 'hard' && before.foreign);
    const standing: StandingSwitch = { ...to, sinceUs, foreign };
    const value = new TextEncoder().encode(JSON.stringify(standing));
    const stored = (revision: number): void => this.#stored(accountId, standing, revision);
    if (to.mode === 'off') {
      const revision = await kv.put(SWITCHES, keyOf(accountId), value);
      this.#kept.get(accountId)?.forget();
      stored(revision);
    } else {
      this.#held.set(accountId, { standing, revision: undefined });
      this.#tell(accountId, standing);
      const keeps = to.mode === 'soft' ? this.#keepsHard(accountId) : undefined;
      await within(clock, LIMITS.storeWaitMs, this.#keep(accountId).put(value, stored, keeps));
    }
    return this.get(accountId);
  }

  /** A stored hard kill of which this process has not heard stays, and is heard of. */
  #keepsHard(accountId: string): Keeps {
    return (entry) => {
      if (entry === undefined || parseSwitch(entry).mode !== 'hard') return false;
      this.learn(accountId, entry);
      return true;
    };
  }

  #stored(accountId: string, standing: StandingSwitch, revision: number): void {
    const now = this.#held.get(accountId);
    if (now?.revision !== undefined && now.revision > revision) return;
    this.#held.set(accountId, { standing, revision });
    if (now?.standing.sinceUs !== standing.sinceUs) this.#tell(accountId, standing);
  }

  #keep(accountId: string): KeptValue {
    const kept =
      this.#kept.get(accountId) ?? new KeptValue(this.#ports, SWITCHES, keyOf(accountId));
    this.#kept.set(accountId, kept);
    return kept;
  }

  /** Calls `listener` at once with each change, before anything else comes to it. @returns how to stop. */
  onChange(accountId: string, listener: (standing: StandingSwitch) => void): () => void {
    const listeners = this.#listeners.get(accountId) ?? new Set();
    this.#listeners.set(accountId, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  #tell(accountId: string, standing: StandingSwitch): void {
    for (const listener of [...(this.#listeners.get(accountId) ?? [])]) listener(standing);
  }

  /** Follows what any process sets. What comes counts before it is handed on. @throws BUS.UNAVAILABLE */
  async follow(accountId: string): Promise<OwnerSource> {
    const watch = await this.#ports.kv.watch(SWITCHES, keyOf(accountId));
    return new SwitchSource(this, accountId, watch);
  }

  /** Says how far a hard kill is, for people; what could not be told is told with the next word. */
  async report(accountId: string, sinceUs: TimeUs, text: string): Promise<void> {
    const value = new TextEncoder().encode(JSON.stringify({ sinceUs, text }));
    try {
      await this.#ports.kv.put(SWITCHES, progressKeyOf(accountId), value);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  /** Returns how far the standing hard kill is, in words; empty where nobody said. */
  async progress(accountId: string): Promise<string> {
    const { mode, sinceUs } = this.get(accountId);
    if (mode !== 'hard') return '';
    try {
      const entry = await this.#ports.kv.get(SWITCHES, progressKeyOf(accountId));
      const said = entry && parseFields(new TextDecoder().decode(entry.value));
      return said?.sinceUs === sinceUs && typeof said.text === 'string' ? said.text : '';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return '';
    }
  }
}

/** Follows an account's switch; a change counts for sends under way, before the mailbox comes to it. */
class SwitchSource implements OwnerSource {
  readonly #switches: KillSwitches;
  readonly #accountId: string;
  readonly #watch: KvWatch;
  readonly #unhook: () => void;
  #watching: Promise<readonly KvEntry[]> | undefined;
  #changed = false;
  #wake: () => void = () => undefined;

  constructor(switches: KillSwitches, accountId: string, watch: KvWatch) {
    this.#switches = switches;
    this.#accountId = accountId;
    this.#watch = watch;
    this.#unhook = switches.onChange(accountId, () => {
      this.#changed = true;
      this.#wake();
    });
  }

  /** What is set in this process comes at once, also while the bus is away. */
  async next(): Promise<readonly unknown[]> {
    const here = new Promise<'here'>((resolve) => {
      this.#wake = () => resolve('here');
      if (this.#changed) this.#wake();
    });
    this.#watching ??= this.#watch.next();
    const came = await Promise.race([here, this.#watching]);
    if (came === 'here') {
      this.#changed = false;
      return [came];
    }
    this.#watching = undefined;
    for (const entry of came) this.#switches.learn(this.#accountId, entry);
    this.#changed = false;
    return came;
  }

  close(): Promise<void> {
    this.#unhook();
    return this.#watch.close();
  }
}

const keyOf = (accountId: string): string => leaseKey(`kill/${accountId}`);
const progressKeyOf = (accountId: string): string => leaseKey(`kill-progress/${accountId}`);

const severity = (mode: KillMode = 'off'): number => KILL_MODES.indexOf(mode);

/** Reads a stored switch. Nothing stored means off; what cannot be read means soft: fail closed. */
export function parseSwitch(entry: KvEntry | undefined): StandingSwitch {
  if (entry === undefined || entry.value.length === 0) return OFF;
  const stored = parseFields(new TextDecoder().decode(entry.value));
  const mode = KILL_MODES.find((one) => one === stored?.mode);
  const foreign = stored?.foreign === true;
  if (mode === undefined) {
    const reason = `the switch stored at revision ${entry.revision} cannot be read`;
    return { mode: 'soft', actor: 'execution', reason, sinceUs: timeUs(0), foreign: false };
  }
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const since = stored?.sinceUs;
  const sinceUs = timeUs(typeof since === 'number' && Number.isSafeInteger(since) ? since : 0);
  return { mode, actor: text(stored?.actor), reason: text(stored?.reason), sinceUs, foreign };
}

/** Parses the JSON of an object; `undefined` for anything else. */
export function parseFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
