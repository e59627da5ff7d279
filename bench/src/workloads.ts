import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Figure, Result } from './benchmark.ts';
import type { WorkFound } from './work-child.ts';
import { WORK_RUNS } from './work-runs.ts';

const CHILD = join(import.meta.dirname, 'work-child.ts');
const MILLION = 1_000_000;
const SWEEP_TURNS = 3;
/** Prices are whole nanos and cash whole micros here, floats elsewhere. */
const AGREEMENT_FRACTION = 1e-6;
const HOW_TIMED =
  'Processor time of one thread, in a process of its own, the quickest of several batches: time in which others had the core does not count, that they crowd its caches does.';
const HOW_RUN =
  'Inside the measured time: checks of the bars, indicator columns, signals, orders and fills in integer money, cash and equity after each bar, and all metrics of the curve. Signals of A and D come from the crossing that the strategy declares, its first turns held to its opinions; reasons in words are worked out when somebody asks, and nobody does here. The first figure is that of run after run with the columns lent again, the second takes memory from the system each time.';

/** Runs a work in a process of its own. */
async function find(...args: readonly string[]): Promise<WorkFound> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, ...args]);
  return JSON.parse(stdout) as WorkFound;
}

function speed(what: string, perSecond: number, unit: string, bar?: number): Figure {
  const figure = { what, value: perSecond / MILLION, unit: `million ${unit}/s` };
  return bar === undefined ? figure : { ...figure, bar: { value: bar, better: 'more' } };
}

const memory = (what: string, rssMib: number): Figure => {
  return { what: `${what}: peak memory`, value: rssMib, unit: 'MiB' };
};

/** Says whether two results are the same. @throws Error where they are not: no figure counts then. */
function agreement(what: string, found: number, agreed: number): string {
  const off = Math.abs(found / agreed - 1);
  if (off > AGREEMENT_FRACTION) throw new Error(`${what} is ${found}, others agree on ${agreed}`);
  return `${what} ${found} (others: ${agreed})`;
}

async function runsOf(
  benchmark: string,
  works: readonly { readonly name: string; readonly bar: number; readonly unit: string }[],
  say: (line: string) => void,
): Promise<Result> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const { name, bar, unit } of works) {
    const work = WORK_RUNS[name];
    if (work === undefined) throw new Error(`no work is called '${name}'`);
    say(work.what);
    const found = await find(name);
    const { what, agreed } = work;
    figures.push(
      speed(`${what}: kernel, columns lent again`, found.lentPerSecond ?? 0, unit, bar),
      speed(`${what}: kernel, memory of its own`, found.perSecond, unit),
    );
    figures.push(speed(`${what}: full path`, found.fullPerSecond ?? 0, unit));
    figures.push(memory(what, found.rssMib));
    const equity = agreement('equity', found.equity ?? 0, agreed.equity);
    const fills = agreement('fills', found.fills ?? 0, agreed.fills);
    const exits = name === 'c' ? `, ${found.stops} stops, ${found.targets} targets` : '';
    notes.push(`${what}: ${equity}, ${fills}${exits}; digest of both paths ${found.digest}.`);
  }
  return { benchmark, how: `${HOW_TIMED} ${HOW_RUN}`, figures, notes };
}

const workA: Benchmark = {
  name: 'work-a',
  title: 'a million bars, a crossing of two averages',
  run: ({ say }) => {
    const works = ['a-open', 'a-close'].map((name) => ({ name, bar: 30, unit: 'bars' }));
    return runsOf('work-a', works, say);
  },
};

const workB: Benchmark = {
  name: 'work-b',
  title: '1,035 combinations of a crossing over 100,000 bars, in totals',
  run: async ({ say }) => {
    say('one thread and two, in turn');
    let [one, two] = [await find('b'), await find('b-threads')];
    for (let turn = 1; turn < SWEEP_TURNS; turn += 1) {
      one = quicker(one, await find('b'));
      two = quicker(two, await find('b-threads'));
    }
    const unit = 'bar evaluations';
    return {
      benchmark: 'work-b',
      how: `${HOW_TIMED} Inside the measured time: indicator columns, every combination with exact money, return moments, drawdown and its length. Two threads fill half of the columns each, in memory that they share, and run half of the combinations each: the slower one counts, in its quickest of many rounds. One thread and two take turns, ${SWEEP_TURNS} times, and the best of each counts: their caches are crowded by the same others.`,
      figures: [
        speed('one thread', one.perSecond, unit, 300),
        speed('two threads', two.perSecond, unit),
        {
          what: 'two threads beside one',
          value: two.perSecond / one.perSecond,
          unit: 'times',
          bar: { value: 1.9, better: 'more' },
        },
        memory('one thread', one.rssMib),
        { ...memory('two threads', two.rssMib), bar: { value: 500, better: 'less' } },
      ],
      notes: [`One thread: ${sweepAgreement(one)}.`, `Two threads: ${sweepAgreement(two)}.`],
    };
  },
};

const quicker = (a: WorkFound, b: WorkFound): WorkFound => (b.perSecond > a.perSecond ? b : a);

function sweepAgreement({ values: [equity = 0, fills = 0, drawdown = 0] = [] }: WorkFound): string {
  return [
    agreement('sum of final equities', equity, 563_166_992.389),
    agreement('fills', fills, 5_443_579),
    agreement('sum of drawdowns', drawdown, -533.2465),
  ].join(', ');
}

const workC: Benchmark = {
  name: 'work-c',
  title: 'a million bars with stops and targets',
  run: ({ say }) => runsOf('work-c', [{ name: 'c', bar: 20, unit: 'bars' }], say),
};

const workD: Benchmark = {
  name: 'work-d',
  title: '100 symbols of 25,000 bars on one cash',
  run: ({ say }) => runsOf('work-d', [{ name: 'd', bar: 20, unit: 'symbol-bars' }], say),
};

const workE: Benchmark = {
  name: 'work-e',
  title: 'all metrics of a thousand curves of 10,000 points',
  run: async () => {
    const found = await find('e');
    const [sharpe = 0, sortino = 0, drawdown = 0] = found.values ?? [];
    return {
      benchmark: 'work-e',
      how: `${HOW_TIMED} Ten metrics of each curve: total return, growth, volatility, Sharpe, Sortino, Calmar, drawdown and its length, skew, kurtosis.`,
      figures: [speed('curves', found.perSecond, 'points'), memory('curves', found.rssMib)],
      notes: [
        `Means: ${agreement('Sharpe', sharpe, 0.14760016)}, ${agreement('Sortino', sortino, 0.21202957)}, ${agreement('drawdown', drawdown, -0.62753544)}.`,
      ],
    };
  },
};

/** The works that engines of the field are compared on. */
export const workBenchmarks: readonly Benchmark[] = [workA, workB, workC, workD, workE];
