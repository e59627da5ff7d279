import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { playPure, type World } from '@capstan/e2e';
import type { Benchmark, Figure } from './benchmark.ts';
import { spreadOf } from './spread.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WORLDS = 150;
const FIRST_SEED = 1;
const CORE_WORLD: World = { seed: 23, slices: 2_000, symbols: ['IWM', 'QQQ', 'SPY'] };
const CORE_RUNS = 9;

/** How many simulated worlds a second, in a process of its own: what a night of simulation is worth. */
export const simBenchmark: Benchmark = {
  name: 'sim',
  title: 'simulated worlds of the whole platform a second, on one core',
  run: async ({ say }) => {
    say(`${WORLDS} worlds`);
    const main = join(ROOT, 'e2e', 'src', 'sim', 'main.ts');
    const args = [main, '--count', String(WORLDS), '--from', String(FIRST_SEED)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
    const found = /(\d+) worlds, (\d+) failed, (\d+) faults, ([\d.]+) worlds a second/.exec(stdout);
    if (found === null) throw new Error(`the simulation said something else:\n${stdout}`);
    const [, worlds, failed, faults, perSecond] = found;
    return {
      benchmark: 'sim',
      how: `npm run sim -- --count ${WORLDS} --from ${FIRST_SEED}, starting the process left out.`,
      figures: [{ what: 'worlds', value: Number(perSecond), unit: 'worlds/s' }],
      notes: [`${worlds} worlds, ${failed} failed, ${faults} faults put into them.`],
    };
  },
};

/** How fast the core alone decides: strategies, risk, orders, matching, ledger. */
export const coreBenchmark: Benchmark = {
  name: 'core',
  title: 'slices a second through the decision core, in one process',
  run: ({ say }) => {
    playPure({ ...CORE_WORLD, slices: 500 });
    let orders = 0;
    const timesMs = Array.from({ length: CORE_RUNS }, (_, run) => {
      const startMs = performance.now();
      orders = playPure(CORE_WORLD).orders.length;
      const ms = performance.now() - startMs;
      say(`run ${run + 1} of ${CORE_RUNS}: ${ms.toFixed(0)} ms`);
      return ms;
    });
    const spread = spreadOf(timesMs);
    const perSecond = CORE_WORLD.slices / (spread.p50 / 1_000);
    const symbols = CORE_WORLD.symbols.length;
    const figures: readonly Figure[] = [
      { what: 'slices', value: perSecond, unit: 'slices/s' },
      { what: 'bars', value: perSecond * symbols, unit: 'bars/s' },
      { what: 'one run', value: spread.p50, unit: 'ms', spread },
    ];
    return Promise.resolve({
      benchmark: 'core',
      how:
        `${CORE_WORLD.slices} slices of ${symbols} symbols for three bots of one account, the median of ${CORE_RUNS} runs after one to ` +
        'warm up. Making the bars, a session of history to warm the bots, and collecting the outcome are all counted.',
      figures,
      notes: [`${orders} orders a run.`],
    });
  },
};
