import { leaseKey } from '@capstan/contracts';
import type { KvEntry } from '@capstan/ports';
import { KILL_MODES, KILL_OFF, type KillSwitch } from '@capstan/risk';

/** Names the key of an account's kill switch. */
export function killSwitchKey(accountId: string): string {
  return leaseKey(`kill/${accountId}`);
}

/** Reads a kill switch as stored. Nothing stored means off; what cannot be read means soft: fail closed. */
export function parseKillSwitch(entry: KvEntry | undefined): KillSwitch {
  if (entry === undefined || entry.value.length === 0) return KILL_OFF;
  const stored = parseJson(new TextDecoder().decode(entry.value));
  const mode = KILL_MODES.find((one) => one === stored?.mode);
  if (mode === undefined) {
    const reason = `the switch at revision ${entry.revision} cannot be read`;
    return { mode: 'soft', actor: 'risk', reason };
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return { mode, actor: text(stored?.actor), reason: text(stored?.reason) };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
