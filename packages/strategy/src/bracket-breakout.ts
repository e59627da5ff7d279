import { type Direction, priceNanos } from '@capstan/domain';
import { donchianLower, donchianUpper, lag } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofBars, ofNode } from './graph.ts';
import type { NumberParameter } from './parameter.ts';
import { priceText } from './price-text.ts';
import { nextSide, SIDES, targetOfSide } from './side.ts';
import type { Target } from './target.ts';

const distance = (ofWhat: string, byDefault: number): NumberParameter => ({
  type: 'number',
  min: 0,
  max: 50,
  default: byDefault,
  description: `Distance of the ${ofWhat} in heights of the channel at the entry; 0 for none.`,
});

/**
 * Channel breakout that is left by a stop, a take-profit and a trailing stop, or through the middle of the channel.
 * @source the channel: C. Faith, Way of the Turtle (2007). The exits are ours.
 */
export const bracketBreakout = defineStrategy({
  name: 'bracket-breakout',
  title: 'Breakout with protective exits',
  description:
    'Buys a close above the highest high of the `entry` bars before it, with a stop, a take-profit and a trailing stop set by ' +
    'the height of that channel, and leaves on a close below its middle; the other way round for shorts.',
  params: {
    entry: {
      type: 'integer',
      min: 2,
      max: 5_000,
      default: 20,
      description: 'Bars of the channel.',
    },
    stop_mult: distance('stop', 0.5),
    target_mult: distance('take-profit', 1),
    trail_mult: distance('trailing stop', 0.75),
    sides: SIDES,
  },
  indicators: ({ entry }) => ({
    high: ofNode(lag, { period: 1 }, ofBars(donchianUpper, { period: entry })),
    low: ofNode(lag, { period: 1 }, ofBars(donchianLower, { period: entry })),
  }),
  initialState: { side: 'flat', closeNanos: 0, heightNanos: 0 } as Trade,
  update: ({ high, low }, state, { bar, params }) => {
    const close = bar.closeNanos;
    const middle = (high + low) / 2;
    const signals = {
      entersLong: close > high,
      exitsLong: close < middle,
      entersShort: close < low,
      exitsShort: close > middle,
    };
    const { side } = nextSide({ side: state.side }, signals, params.sides);
    return side === state.side ? state : { side, closeNanos: close, heightNanos: high - low };
  },
  decide: ({ high, low }, trade, { bar, params }) => ({
    ...targetOfSide(
      trade.side,
      () => `close ${priceText(bar.closeNanos)}, channel ${priceText(low)} to ${priceText(high)}`,
    ),
    ...(trade.side === 'flat' ? {} : exitsOf(trade, params)),
  }),
});

/** The side it is on, and the close and the height of the channel with which it came to it. */
interface Trade {
  readonly [key: string]: Direction | number;
  readonly side: Direction;
  readonly closeNanos: number;
  readonly heightNanos: number;
}

type Distances = Readonly<Record<'stop_mult' | 'target_mult' | 'trail_mult', number>>;
type Exits = Pick<Target, 'stopPriceNanos' | 'takeProfitPriceNanos' | 'trailNanos'>;

function exitsOf({ side, closeNanos, heightNanos }: Trade, distances: Distances): Exits {
  const sign = side === 'long' ? 1 : -1;
  const heights = (count: number) => Math.max(1, Math.round(count * heightNanos));
  const price = (away: number) => priceNanos(Math.max(1, Math.round(closeNanos + away)));
  const { stop_mult: stop, target_mult: target, trail_mult: trail } = distances;
  return {
    ...(stop === 0 ? {} : { stopPriceNanos: price(-sign * heights(stop)) }),
    ...(target === 0 ? {} : { takeProfitPriceNanos: price(sign * heights(target)) }),
    ...(trail === 0 ? {} : { trailNanos: priceNanos(heights(trail)) }),
  };
}
