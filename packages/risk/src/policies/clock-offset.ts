import { US_PER_SECOND } from '@capstan/domain';
import { CLOCK_OFFSET_MAX_US } from '../limits.ts';
import type { Policy } from '../policy.ts';

/** Where our clock is off, times of orders and sessions are: nothing adds exposure. */
export const clockOffsetPolicy: Policy = {
  name: 'clock-offset',
  denies:
    "everything that adds while our clock and the market's are more than `maxClockOffsetSeconds` (10) apart",
  advice: "Set this machine's clock by NTP.",
  ofAccount: true,
  check: (intent, { clockOffsetUs }, { maxClockOffsetUs = CLOCK_OFFSET_MAX_US }) => {
    if (clockOffsetUs === undefined || intent.reducing || clockOffsetUs <= maxClockOffsetUs) {
      return undefined;
    }
    const seconds = (us: number) => `${us / US_PER_SECOND} s`;
    return {
      reason: `our clock is ${seconds(clockOffsetUs)} off the market's, at most ${seconds(maxClockOffsetUs)} are allowed`,
    };
  },
};
