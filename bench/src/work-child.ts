import { curveMetrics } from '@capstan/analytics';
import { type BacktestResult, crossSweep, LEGS, run, runBacktest } from '@capstan/engine';
import { threadMs } from './thread-time.ts';
import { workBars, workCurves } from './work-bars.ts';
import { sweepSpec, WORK_RUNS } from './work-runs.ts';
import { averages, RATIOS, runPairs, SWEEP_BARS, type SweepSums, WHOLE } from './work-sweep.ts';
import { runThreads } from './work-threads.ts';

const DAILY = { periodsPerYear: 252 };
const BATCH_MS = 60;
const BATCHES = 12;
const SLOW_BATCHES = 3;

/** What a work was found to take and to give; printed as JSON. */
export interface WorkFound {
  readonly perSecond: number;
  /** With the columns of the run before. */
  readonly lentPerSecond?: number;
  readonly fullPerSecond?: number;
  readonly rssMib: number;
  readonly digest?: string;
  readonly equity?: number;
  readonly fills?: number;
  readonly stops?: number;
  readonly targets?: number;
  readonly values?: readonly number[];
}

/**
 * Returns the processor time of this thread for one call, in ms: of batches long enough to be counted, the quickest. Time in which
 * others had the core does not count.
 */
function timeOf(work: () => void, batches = BATCHES): number {
  let best = Number.POSITIVE_INFINITY;
  work();
  for (let batch = 0; batch < batches; batch += 1) {
    const from = threadMs();
    let calls = 0;
    do {
      work();
      calls += 1;
    } while (threadMs() - from < BATCH_MS);
    best = Math.min(best, (threadMs() - from) / calls);
  }
  return best;
}

const rssMib = (): number => process.resourceUsage().maxRSS / 1_024;

/** Lends the columns of a run again to the next. */
class ColumnLender {
  readonly #columns: Float64Array[] = [];
  #lent = 0;

  takeBack(): void {
    this.#lent = 0;
  }

  lend(rows: number): Float64Array {
    const known = this.#columns[this.#lent];
    const column = known?.length === rows ? known : new Float64Array(rows);
    this.#columns[this.#lent] = column;
    this.#lent += 1;
    return column;
  }
}

function runWork(name: string): WorkFound {
  const work = WORK_RUNS[name];
  if (work === undefined) throw new Error(`no work is called '${name}'`);
  const series = work.series();
  let result: BacktestResult | undefined;
  const lender = new ColumnLender();
  const lentMs = timeOf(() => {
    lender.takeBack();
    result = run(work.spec, series, { allocate: (rows) => lender.lend(rows) });
    curveMetrics(result.equityMicros, RATIOS);
  });
  const lent = result?.digest();
  const ms = timeOf(() => {
    result = run(work.spec, series);
    curveMetrics(result.equityMicros, RATIOS);
  });
  if (lent !== result?.digest()) throw new Error(`${name}: lent columns change the result`);
  if (result?.path !== 'kernel') throw new Error(`${name} was not run by the kernel`);
  const memory = rssMib();
  const digest = result.digest();
  let full: BacktestResult | undefined;
  const fullMs = timeOf(() => {
    full = runBacktest(work.spec, series);
    curveMetrics(full.equityMicros, RATIOS);
  }, SLOW_BATCHES);
  if (full?.digest() !== digest) throw new Error(`${name}: the paths differ`);
  const { orders, fills } = result;
  const filledLegs = (leg: number) =>
    fills.order.subarray(0, fills.count).reduce((sum, order) => {
      return sum + (orders.leg[order] === leg ? 1 : 0);
    }, 0);
  return {
    perSecond: (work.bars / ms) * 1_000,
    lentPerSecond: (work.bars / lentMs) * 1_000,
    fullPerSecond: (work.bars / fullMs) * 1_000,
    rssMib: memory,
    digest,
    equity: result.finalEquityMicros / 1e6,
    fills: fills.count,
    stops: filledLegs(LEGS.stop),
    targets: filledLegs(LEGS.target),
  };
}

const valuesOf = ({ equity, fills, drawdown }: SweepSums) => [equity, fills, drawdown];

function runSweep(): WorkFound {
  const series = workBars('A', 42, SWEEP_BARS);
  let sums: SweepSums | undefined;
  const ms = timeOf(() => {
    const sweep = crossSweep(sweepSpec(), series);
    if (typeof sweep === 'string') throw new Error(sweep);
    sums = runPairs(sweep, averages(sweep, series.bars.closeNanos, WHOLE), WHOLE);
  });
  if (sums === undefined) throw new Error('the sweep was not run');
  const evaluations = SWEEP_BARS * sums.combinations;
  return { perSecond: (evaluations / ms) * 1_000, rssMib: rssMib(), values: valuesOf(sums) };
}

async function runSweepOnThreads(): Promise<WorkFound> {
  const { ms, sums, rssMib } = await runThreads();
  const evaluations = SWEEP_BARS * sums.combinations;
  return { perSecond: (evaluations / ms) * 1_000, rssMib, values: valuesOf(sums) };
}

function runCurves(): WorkFound {
  const curves = workCurves();
  let sums = [0, 0, 0];
  const ms = timeOf(() => {
    sums = [0, 0, 0];
    for (const curve of curves) {
      const { sharpe = 0, sortino = 0, maxDrawdown = 0 } = curveMetrics(curve, DAILY);
      sums[0] = (sums[0] ?? 0) + sharpe;
      sums[1] = (sums[1] ?? 0) + sortino;
      sums[2] = (sums[2] ?? 0) + maxDrawdown;
    }
  });
  const points = curves.reduce((sum, curve) => sum + curve.length, 0);
  const values = sums.map((sum) => sum / curves.length);
  return { perSecond: (points / ms) * 1_000, rssMib: rssMib(), values };
}

async function find(name: string): Promise<WorkFound> {
  if (name === 'b') return runSweep();
  if (name === 'b-threads') return runSweepOnThreads();
  return name === 'e' ? runCurves() : runWork(name);
}

const [name = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await find(name))}\n`);
