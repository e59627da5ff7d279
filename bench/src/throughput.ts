import { symbolNames } from './bar-file.ts';
import type { Workload } from './bench-stack.ts';
import type { Benchmark, Figure, RunOptions } from './benchmark.ts';
import { cpuNote, play } from './play.ts';

/** Slices before the first that counts. */
const WARM_UP_SLICES = 15;

const PLANS: readonly { readonly symbols: number; readonly slices: number }[] = [
  { symbols: 1, slices: 500 },
  { symbols: 20, slices: 300 },
  { symbols: 500, slices: 50 },
];

/** How many bars a second go through all services where nothing holds them back but themselves. */
export const throughputBenchmark: Benchmark = {
  name: 'throughput',
  title: 'bars a second through all services, as fast as slices complete',
  run: async (options) => {
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const { symbols, slices } of PLANS) {
      options.say(`${symbols} symbols, ${slices} slices`);
      const measured = await measure(symbols, slices, options);
      figures.push(...measured.figures);
      notes.push(`${symbols} ${symbols === 1 ? 'symbol' : 'symbols'}. ${measured.note}`);
    }
    return {
      benchmark: 'throughput',
      how:
        'A slice is released when the one before it is done: matched, decided, sent, accepted, committed. Every symbol trades on ' +
        `every bar, in bots of 25 symbols. The first ${WARM_UP_SLICES} slices are not counted.`,
      figures,
      notes,
    };
  },
};

async function measure(
  symbols: number,
  slices: number,
  options: RunOptions,
): Promise<{ readonly figures: readonly Figure[]; readonly note: string }> {
  const workload: Workload = {
    plan: { symbols: symbolNames(symbols), slices, bars: 'all at once' },
    trading: symbols,
    symbolsPerBot: 25,
    slicesPerSecond: 'max',
  };
  const times = await play(workload, options);
  const done = [...times.slices.values()].flatMap(({ doneUs }) => doneUs ?? []);
  const from = done[WARM_UP_SLICES - 1];
  const to = done.at(-1);
  if (from === undefined || to === undefined) throw new Error('too few slices were completed');
  const seconds = (to - from) / 1_000_000;
  const perSecond = (done.length - WARM_UP_SLICES) / seconds;
  const what = `${symbols} ${symbols === 1 ? 'symbol' : 'symbols'}`;
  const figures: readonly Figure[] = [
    { what: `${what}: bars`, value: perSecond * symbols, unit: 'bars/s' },
    { what: `${what}: slices`, value: perSecond, unit: 'slices/s' },
  ];
  return { figures, note: cpuNote(times.cpuMsPerSlice) };
}
