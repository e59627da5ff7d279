import type { Summary } from '@capstan/analytics';
import { crossSweep, declaredCrossing } from '@capstan/engine';
import type { GivenParameters } from '../config/grid.ts';
import { type RunInputs, Runner } from '../run/run-one.ts';
import { nativeSha256 } from '../sha256.ts';

/** What computes the combinations of a sweep. */
export const SWEEP_PATHS = ['crossing', 'each'] as const;
export type SweepPath = (typeof SWEEP_PATHS)[number];

/** How the combinations of a sweep are computed. */
export interface SweepPlan {
  /** `crossing`: by the crossing that the strategy declares; a combination that meets what it does not know as `each`. `each`: as single runs are. */
  readonly path: SweepPath;
  /** In words. */
  readonly why: string;
}

/** What `metrics.csv` says of a combination. */
export interface Combination {
  readonly digest: string;
  readonly metrics: Summary;
  /** What computed it; nothing else differs. */
  readonly path: SweepPath;
}

/** Computes combinations of a sweep: by the crossing that its strategy declares where there is one, else one by one. */
export class CombinationRunner {
  readonly #runner: Runner;
  readonly #inputs: RunInputs;
  readonly #columns: Map<string, Map<string, Float64Array>>;
  /** Or why there is none. */
  #sweep: ReturnType<typeof crossSweep> | undefined;

  constructor(inputs: RunInputs, columns = new Map<string, Map<string, Float64Array>>()) {
    this.#inputs = inputs;
    this.#columns = columns;
    this.#runner = new Runner(inputs, columns);
  }

  /** Says what computes a combination, and why. @throws what {@link run} throws of parameters. */
  plan(params: GivenParameters): SweepPlan {
    const rule = this.#crossing(params);
    if (typeof rule === 'string') return { path: 'each', why: rule };
    const why =
      'the strategy declares a crossing and nothing else: all combinations go over the same columns, to the same bytes';
    return { path: 'crossing', why };
  }

  /** Computes one combination. @throws what a strategy's parameters and decisions, sizing and limits lead to. */
  run(params: GivenParameters): Combination {
    const found = this.#crossing(params);
    const result = typeof found === 'string' ? undefined : found.sweep.run(found.rule);
    if (result === undefined) return this.runAlone(params);
    const { summary } = this.#runner.measure(this.#runner.specOf(params), result);
    return { digest: result.digest(nativeSha256), metrics: summary.metrics, path: 'crossing' };
  }

  /** Computes one combination as a single run is. @throws what {@link run} throws. */
  runAlone(params: GivenParameters): Combination {
    const { result, summary } = this.#runner.run(params);
    return { digest: result.digest(nativeSha256), metrics: summary.metrics, path: 'each' };
  }

  #crossing(params: GivenParameters) {
    const [only, ...others] = this.#inputs.symbols;
    if (only === undefined || others.length > 0) return 'it has more than one symbol';
    const spec = this.#runner.specOf(params);
    this.#sweep ??= crossSweep(spec, only.series);
    if (typeof this.#sweep === 'string') return this.#sweep;
    const rule = declaredCrossing(spec, only.series, { columnCache: this.#columns });
    return typeof rule === 'string' ? rule : { rule, sweep: this.#sweep };
  }
}
