import type { PolicyName } from '../limits.ts';
import type { Policy } from '../policy.ts';
import { buyingPowerPolicy } from './buying-power.ts';
import { dailyLossPolicy } from './daily-loss.ts';
import { decisionAgePolicy } from './decision-age.ts';
import { grossExposurePolicy } from './gross-exposure.ts';
import { killSwitchPolicy } from './kill-switch.ts';
import { marketHoursPolicy } from './market-hours.ts';
import { symbolNotionalPolicy } from './symbol-notional.ts';

/** Every policy there is, by name. */
export const POLICIES: Readonly<Record<PolicyName, Policy>> = {
  'kill-switch': killSwitchPolicy,
  'decision-age': decisionAgePolicy,
  'market-hours': marketHoursPolicy,
  'daily-loss': dailyLossPolicy,
  'symbol-notional': symbolNotionalPolicy,
  'gross-exposure': grossExposurePolicy,
  'buying-power': buyingPowerPolicy,
};
