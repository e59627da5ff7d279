import { priceNanos } from '@capstan/domain';
import { sma, trueRange } from '@capstan/indicators';
import {
  crossingDirections,
  defineStrategy,
  OPINION,
  ofBars,
  ofField,
  ofNode,
} from '@capstan/strategy';

const FAST = 20;
const SLOW = 50;
const RANGE = 14;
const STOP_RANGES = 2;
const TARGET_RANGES = 3;

interface State {
  readonly [key: string]: number | boolean;
  readonly wasBelow: boolean;
  /** Nanos; 0 while it wants nothing. */
  readonly stop: number;
  readonly target: number;
}

function levelsAt(
  close: number,
  range: number,
): { readonly stop: number; readonly target: number } {
  return {
    stop: Math.round(close - STOP_RANGES * range),
    target: Math.round(close + TARGET_RANGES * range),
  };
}

/** Work C: a crossing of two averages, with a stop and a target by the mean true range of its entry. */
export const rangeCross = defineStrategy({
  name: 'range-cross',
  title: 'Crossing with exits by range',
  description:
    'Long from a crossing on, with a stop two mean ranges below and a target three above.',
  params: {},
  indicators: () => ({
    fast: ofField(sma, { period: FAST }, 'close'),
    slow: ofField(sma, { period: SLOW }, 'close'),
    range: ofNode(sma, { period: RANGE }, ofBars(trueRange, {})),
  }),
  initialState: { wasBelow: false, stop: 0, target: 0 } as State,
  update: ({ fast, slow, range }, state, { bar }) => {
    if (fast < slow) return { wasBelow: true, stop: 0, target: 0 };
    if (!(fast > slow) || !state.wasBelow || state.stop !== 0) return state;
    return { wasBelow: true, ...levelsAt(bar.closeNanos, range) };
  },
  decide: ({ fast, slow }, { stop, target }) => {
    if (fast < slow) return { direction: 'flat', strength: 0, reason: 'below' };
    if (fast === slow || stop === 0) return undefined;
    return {
      direction: 'long',
      strength: 1,
      stopPriceNanos: priceNanos(stop),
      takeProfitPriceNanos: priceNanos(target),
      reason: 'above',
    };
  },
  decideColumns: ({ fast, slow, range }, { bars, fromRow }) => {
    const direction = crossingDirections({ fast, slow }, { entry: 'cross', fromRow });
    const levelAt = (row: number, level: 'stop' | 'target') =>
      direction[row] === OPINION.long
        ? levelsAt(bars.closeNanos[row] as number, range[row] as number)[level]
        : Number.NaN;
    return {
      direction,
      stopPriceAtTurn: (row) => levelAt(row, 'stop'),
      takeProfitPriceAtTurn: (row) => levelAt(row, 'target'),
      reasonAt: (row) => (direction[row] === OPINION.flat ? 'below' : 'above'),
    };
  },
});
