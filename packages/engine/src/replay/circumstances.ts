import { type Denial, timeUs } from '@capstan/domain';
import type { SliceRequest } from '../account-slice.ts';
import type { DifferenceCause } from './difference.ts';

/** The name under which risk denies what comes after its slice was decided. */
export const SLICE_ORDER = 'slice-order';

/** The policies that go by what is outside of an account, and what that is called. */
export const CIRCUMSTANCES: Readonly<Record<string, DifferenceCause>> = {
  'kill-switch': 'kill',
  breaker: 'breaker',
  drift: 'drift',
  'venue-access': 'access',
  'clock-offset': 'clock',
  'decision-age': 'age',
  'stale-data': 'stale data',
};

/** Those of them that the clock alone decides: where live's is known, the replay decides them itself. */
export const BY_CLOCK: ReadonlySet<string> = new Set(['decision-age', 'stale-data']);

type Circumstances = Pick<
  SliceRequest,
  'killSwitch' | 'breaker' | 'drifts' | 'clockOffsetUs' | 'conditions'
>;

/**
 * Returns the circumstances under which live denied what it denied; none where it denied nothing for them: what has refused nothing
 * has changed nothing.
 */
export function circumstancesOf(denials: readonly Denial[]): Partial<Circumstances> {
  const reasonOf = (policy: string) => denials.find((one) => one.policy === policy)?.reason;
  const [kill, breaker] = [reasonOf('kill-switch'), reasonOf('breaker')];
  const drifting = denials.filter(({ policy }) => policy === 'drift').map(({ symbol }) => symbol);
  const isOff = reasonOf('clock-offset') !== undefined;
  return {
    ...(kill === undefined ? {} : { killSwitch: { mode: 'soft', actor: '', reason: kill } }),
    ...(breaker === undefined ? {} : { breaker: { ...OPEN_BREAKER, reason: breaker } }),
    ...(drifting.length === 0 ? {} : { drifts: drifting.map(driftOf) }),
    ...(reasonOf('venue-access') === undefined ? {} : { conditions: KEYS_REFUSED }),
    ...(isOff ? { clockOffsetUs: Number.MAX_SAFE_INTEGER } : {}),
  };
}

const OPEN_BREAKER = { open: true, failures: 0, failuresMax: 0, sinceUs: timeUs(0) } as const;

const KEYS_REFUSED = { clockOffsetUs: 0, halted: [], shortRestricted: [], keysRefused: true };

const driftOf = (symbol: string) => ({ symbol, ledger: 0, broker: 0 });
