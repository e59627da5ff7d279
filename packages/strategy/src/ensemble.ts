import { combine } from './combine.ts';
import { donchianBreakout } from './donchian-breakout.ts';
import { maCross } from './ma-cross.ts';
import { momentum } from './momentum.ts';

/** Three ways to follow a trend that vote: what one of them alone believes does not move it. */
export const ensemble = combine({
  name: 'ensemble',
  title: 'Weighted vote of trend strategies',
  description:
    'Averages the opinions of a moving-average cross, a channel breakout and momentum by their weights; enters where the ' +
    'average reaches `enter_at` and leaves where it is down to `exit_at`.',
  members: {
    breakout: { strategy: donchianBreakout, weight: 1, params: { sides: 'both' } },
    cross: { strategy: maCross, weight: 1 },
    momentum: { strategy: momentum, weight: 1, params: { sides: 'both' } },
  },
});
