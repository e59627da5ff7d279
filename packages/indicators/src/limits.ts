import { assert } from '@capstan/domain';

/** The longest window of an indicator, in inputs. */
export const PERIOD_MAX = 10_000;

/** The widest band of an indicator, in multiples of its measure of spread. */
export const MULTIPLE_MAX = 100;

/** Rows that a loop over a column takes at a time: a loop that returns often is compiled better. */
export const BLOCK_ROWS = 4_096;

/** Values of a window are summed in two limbs; the lower has this many bits. */
export const LIMB_BITS = 27;

assert(
  (PERIOD_MAX * (PERIOD_MAX + 1)) / 2 < 2 ** (53 - LIMB_BITS),
  'the limbs of a full window must stay exact, also with weights up to its length',
);
