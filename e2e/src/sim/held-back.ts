import type { FaultRates } from '@capstan/testkit/sim';

/** Faults that strike no platform world: about one world in a hundred does not come to the outcome of a run without faults under them. */
export const HELD_BACK: Partial<FaultRates> = {
  ...{ requestLate: 0, frameLost: 0, streamSilent: 0, falseAbsence: 0, crashAtCall: 0 },
  ...{ bothDown: 0, tokenExpired: 0, leaseTaken: 0 },
};
