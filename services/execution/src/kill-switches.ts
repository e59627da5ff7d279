import { leaseKey } from '@capstan/contracts';
import { type TimeUs, timeUs } from '@capstan/domain';
import type { OwnerSource } from '@capstan/journal';
import type { Clock, Kv, KvEntry, KvWatch } from '@capstan/ports';
import { KILL_MODES, KILL_OFF, type KillMode, type KillSwitch } from '@capstan/risk';

const BUCKET = 'switches';

/** A kill switch with the time since which it stands so. */
export interface StandingSwitch extends KillSwitch {
  readonly sinceUs: TimeUs;
}

const OFF: StandingSwitch = { ...KILL_OFF, sinceUs: timeUs(0) };

interface Held {
  readonly standing: StandingSwitch;
  /** Revision of the stored entry; `undefined` where it could not be stored yet. */
  readonly revision: number | undefined;
}

/**
 * The kill switches of a process's accounts, in memory and in key-value: a kill counts here before it is stored, and the lifting of
 * one only once it is. One of these serves all owners and the service of the process.
 */
export class KillSwitches {
  readonly #ports: { readonly kv: Kv; readonly clock: Clock };
  readonly #held = new Map<string, Held>();

  constructor(ports: { readonly kv: Kv; readonly clock: Clock }) {
    this.#ports = ports;
  }

  /** Returns the switch as this process knows it at this very moment. */
  get(accountId: string): StandingSwitch {
    return this.#held.get(accountId)?.standing ?? OFF;
  }

  /** Reads the switch anew. A kill that could not be stored yet stands. @throws BUS.UNAVAILABLE */
  async read(accountId: string): Promise<StandingSwitch> {
    const entry = await this.#ports.kv.get(BUCKET, keyOf(accountId));
    const held = this.#held.get(accountId);
    const unsaved = held !== undefined && held.revision === undefined;
    const standing = parseSwitch(entry);
    if (!unsaved || severity(standing.mode) >= severity(held.standing.mode)) {
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
  }

  /**
   * Sets the switch. What adds to its severity counts at once, here, even where it cannot be stored.
   * @throws BUS.UNAVAILABLE when it could not be stored: other processes do not know of it.
   */
  async set(accountId: string, to: KillSwitch): Promise<StandingSwitch> {
    const { kv, clock } = this.#ports;
    const before = this.get(accountId);
    const sinceUs = timeUs(Math.max(clock.nowUs(), before.sinceUs + 1));
    const standing: StandingSwitch = { ...to, sinceUs };
    if (severity(to.mode) >= severity(before.mode)) {
      this.#held.set(accountId, { standing, revision: undefined });
    }
    const value = new TextEncoder().encode(JSON.stringify(standing));
    const revision = await kv.put(BUCKET, keyOf(accountId), value);
    const now = this.#held.get(accountId);
    if (now?.revision === undefined || now.revision <= revision) {
      this.#held.set(accountId, { standing, revision });
    }
    return standing;
  }

  /** Follows what any process sets. What comes counts before it is handed on. @throws BUS.UNAVAILABLE */
  async follow(accountId: string): Promise<OwnerSource> {
    return new SwitchSource(this, accountId, await this.#ports.kv.watch(BUCKET, keyOf(accountId)));
  }
}

/** Follows an account's switch; a change counts for sends under way, before the mailbox comes to it. */
class SwitchSource implements OwnerSource {
  readonly #switches: KillSwitches;
  readonly #accountId: string;
  readonly #watch: KvWatch;

  constructor(switches: KillSwitches, accountId: string, watch: KvWatch) {
    this.#switches = switches;
    this.#accountId = accountId;
    this.#watch = watch;
  }

  async next(): Promise<readonly unknown[]> {
    const entries = await this.#watch.next();
    for (const entry of entries) this.#switches.learn(this.#accountId, entry);
    return entries;
  }

  close(): Promise<void> {
    return this.#watch.close();
  }
}

const keyOf = (accountId: string): string => leaseKey(`kill/${accountId}`);

const severity = (mode: KillMode): number => KILL_MODES.indexOf(mode);

/** Reads a stored switch. Nothing stored means off; what cannot be read means soft: fail closed. */
export function parseSwitch(entry: KvEntry | undefined): StandingSwitch {
  if (entry === undefined || entry.value.length === 0) return OFF;
  const stored = parseFields(new TextDecoder().decode(entry.value));
  const mode = KILL_MODES.find((one) => one === stored?.mode);
  if (mode === undefined) {
    const reason = `the switch stored at revision ${entry.revision} cannot be read`;
    return { mode: 'soft', actor: 'execution', reason, sinceUs: timeUs(0) };
  }
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const since = stored?.sinceUs;
  const sinceUs = timeUs(typeof since === 'number' && Number.isSafeInteger(since) ? since : 0);
  return { mode, actor: text(stored?.actor), reason: text(stored?.reason), sinceUs };
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
