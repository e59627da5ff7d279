import { assert } from '@capstan/domain';

/** The longest window of an indicator, in inputs. */
export const PERIOD_MAX = 10_000;

/** Values of a window are summed in two limbs; the lower has this many bits. */
export const LIMB_BITS = 27;

assert(PERIOD_MAX < 2 ** (53 - LIMB_BITS), 'the lower limb of a full window must stay exact');
