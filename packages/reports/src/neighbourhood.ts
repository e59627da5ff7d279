/** A grid of combinations, the last axis turning fastest. */
export interface GridShape {
  /** Values an axis. */
  readonly lengths: readonly number[];
  /** Whether the values of an axis have an order, so that one lies beside the next. */
  readonly ordered: readonly boolean[];
}

/** What the neighbours of each combination came to; columns of one length, NaN where there is none. */
export interface Neighbourhoods {
  /** Neighbours that have a value. */
  readonly count: Int32Array;
  readonly mean: Float64Array;
  /** The lowest, or the highest where lower is better. */
  readonly worst: Float64Array;
  /** Deviation of the neighbours, with n; NaN below two. */
  readonly deviation: Float64Array;
  /** Mean of neighbours and the combination itself. */
  readonly score: Float64Array;
}

/** What is compared. */
export interface NeighbourhoodInput {
  readonly shape: GridShape;
  /** Numbers of the combinations that were run. */
  readonly combinations: ArrayLike<number>;
  /** The metric of each; NaN has none. */
  readonly values: Float64Array;
  readonly isLowerBetter: boolean;
  /** Axes up to which diagonal neighbours count too; beyond, only those along one axis. */
  readonly diagonalAxesMax: number;
}

/**
 * Compares each combination with those beside it in the grid: one step at most on each ordered axis. A peak among bad neighbours
 * is likely to be luck. @complexity O(combinations × neighbours)
 */
export function neighbourhoods(input: NeighbourhoodInput): Neighbourhoods {
  const { combinations, values, isLowerBetter, shape } = input;
  const rows = values.length;
  const found: Neighbourhoods = {
    count: new Int32Array(rows),
    mean: new Float64Array(rows).fill(Number.NaN),
    worst: new Float64Array(rows).fill(Number.NaN),
    deviation: new Float64Array(rows).fill(Number.NaN),
    score: new Float64Array(rows).fill(Number.NaN),
  };
  const rowOf = new Map<number, number>();
  for (let row = 0; row < rows; row += 1) rowOf.set(combinations[row] as number, row);
  const steps = stepsOf(shape, input.diagonalAxesMax);
  for (let row = 0; row < rows; row += 1) {
    const own = values[row] as number;
    const near: number[] = [];
    const places = placesOf(shape.lengths, combinations[row] as number);
    for (const step of steps) {
      const other = combinationAt(shape.lengths, places, step);
      const at = other === undefined ? undefined : rowOf.get(other);
      const value = at === undefined ? Number.NaN : (values[at] as number);
      if (!Number.isNaN(value)) near.push(value);
    }
    found.count[row] = near.length;
    if (near.length === 0 || Number.isNaN(own)) continue;
    const mean = near.reduce((sum, value) => sum + value, 0) / near.length;
    found.mean[row] = mean;
    found.worst[row] = isLowerBetter ? Math.max(...near) : Math.min(...near);
    found.score[row] = (mean * near.length + own) / (near.length + 1);
    if (near.length > 1) {
      const squares = near.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      found.deviation[row] = Math.sqrt(squares / near.length);
    }
  }
  return found;
}

/** Returns the place on each axis of a combination. */
export function placesOf(lengths: readonly number[], combination: number): number[] {
  const places = new Array<number>(lengths.length).fill(0);
  let rest = combination;
  for (let axis = lengths.length - 1; axis >= 0; axis -= 1) {
    const length = lengths[axis] as number;
    places[axis] = rest % length;
    rest = Math.floor(rest / length);
  }
  return places;
}

function combinationAt(
  lengths: readonly number[],
  places: readonly number[],
  step: readonly number[],
): number | undefined {
  let combination = 0;
  for (const [axis, length] of lengths.entries()) {
    const place = (places[axis] as number) + (step[axis] as number);
    if (place < 0 || place >= length) return undefined;
    combination = combination * length + place;
  }
  return combination;
}

/** All steps to a neighbour: -1, 0 or 1 on each ordered axis, not all 0. */
function stepsOf({ lengths, ordered }: GridShape, diagonalAxesMax: number): number[][] {
  const free = lengths.flatMap((length, axis) => (ordered[axis] && length > 1 ? [axis] : []));
  const still = new Array<number>(lengths.length).fill(0);
  if (free.length > diagonalAxesMax) {
    return free.flatMap((axis) => [-1, 1].map((by) => still.with(axis, by)));
  }
  let steps: number[][] = [still];
  for (const axis of free) {
    steps = steps.flatMap((step) => [-1, 0, 1].map((by) => step.with(axis, by)));
  }
  return steps.filter((step) => step.some((by) => by !== 0));
}
