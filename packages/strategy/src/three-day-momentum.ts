import { type Direction, priceNanos } from '@capstan/domain';
import { atr, rateOfChange } from '@capstan/indicators';
import { defineStrategy } from './define-strategy.ts';
import { ofBars, ofField } from './graph.ts';
import { priceText } from './price-text.ts';
import { allowedSide, SIDES, targetOfSide } from './side.ts';

const BPS = 10_000;

/** A strong move over a few sessions, entered in its direction, with a stop by range set at the entry. */
export const threeDayMomentum = defineStrategy({
  name: 'three-day-momentum',
  title: 'Three-day momentum',
  description:
    'Enters in the direction of a strong move of closes over the last `days` sessions, with a stop `band_mult` average true ' +
    'ranges of sessions away, and leaves when the move is no longer in that direction.',
  params: {
    days: {
      type: 'integer',
      min: 1,
      max: 60,
      default: 3,
      description: 'Sessions over which the move is measured.',
    },
    move_bps: {
      type: 'number',
      min: 0,
      max: 10_000,
      default: 200,
      description: 'The move from which it enters, in basis points of the earlier close.',
    },
    atr_len: {
      type: 'integer',
      min: 1,
      max: 250,
      default: 14,
      description: 'Sessions of the average true range.',
    },
    band_mult: {
      type: 'number',
      min: 0.1,
      max: 20,
      default: 2,
      description: 'Distance of the stop, in average true ranges.',
    },
    sides: SIDES,
  },
  indicators: ({ days, atr_len }) => ({
    move: ofField(rateOfChange, { period: days }, 'close', '1d'),
    range: ofBars(atr, { period: atr_len }, '1d'),
  }),
  initialState: { side: 'flat', stopNanos: 0 } as Trade,
  update: ({ move, range }, state, { bar, params }) => {
    const threshold = params.move_bps / BPS;
    const side = sideAfter(state.side, { move, threshold }, params.sides);
    if (side === state.side) return state;
    const away = (side === 'long' ? -1 : 1) * params.band_mult * range;
    return {
      side,
      stopNanos: side === 'flat' ? 0 : Math.max(1, Math.round(bar.closeNanos + away)),
    };
  },
  decide: ({ move, range }, { side, stopNanos }, { params }) => ({
    ...targetOfSide(
      side,
      () =>
        `move of ${(move * BPS).toFixed(1)} bps over ${params.days} sessions, range ${priceText(range)}`,
    ),
    ...(side === 'flat' ? {} : { stopPriceNanos: priceNanos(stopNanos) }),
  }),
});

/** The side it is on and the stop that it set when it entered; 0 while flat. */
interface Trade {
  readonly [key: string]: Direction | number;
  readonly side: Direction;
  readonly stopNanos: number;
}

interface Move {
  readonly move: number;
  readonly threshold: number;
}

function sideAfter(side: Direction, { move, threshold }: Move, sides: string): Direction {
  const wish = move > threshold ? 'long' : move < -threshold ? 'short' : 'flat';
  const entered = allowedSide(wish, sides);
  if (entered !== 'flat') return entered;
  const isOver = side === 'long' ? move <= 0 : move >= 0;
  return isOver ? 'flat' : side;
}
