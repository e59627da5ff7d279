import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { spreadOf } from './spread.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNS = 9;
const START_S_MAX = 0.5;
/** The words with which the first result begins. */
const FIRST_WORDS = 'Total return';

/** How long `capstan backtest` takes from the start of its process to its first result. */
export const backtestStartBenchmark: Benchmark = {
  name: 'backtest-start',
  title: 'capstan backtest: from the start of the process to the first result',
  run: async ({ say }) => {
    const folder = await mkdtemp(join(tmpdir(), 'capstan-bench-'));
    try {
      const seconds: number[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const took = await firstResultS(join(folder, String(run)));
        say(`run ${run + 1} of ${RUNS}: ${took.toFixed(2)} s`);
        seconds.push(took);
      }
      const value = Math.min(...seconds);
      const spread = spreadOf(seconds);
      return {
        benchmark: 'backtest-start',
        how: `\`capstan backtest --config configs/single.yaml\`, 1,560 generated bars, by the clock: the quickest of ${RUNS}.`,
        figures: [
          {
            what: 'start of the process to the first result',
            value,
            unit: 's',
            bar: { value: START_S_MAX, better: 'less' },
            spread,
          },
        ],
        notes: ['Other processes that want the same cores make it longer.'],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function firstResultS(outputDir: string): Promise<number> {
  const main = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
  const config = join(ROOT, 'configs', 'single.yaml');
  const args = [main, 'backtest', '--config', config, '--output-dir', outputDir];
  const startMs = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    let tookS: number | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(FIRST_WORDS)) tookS ??= (performance.now() - startMs) / 1_000;
    });
    child.on('error', reject);
    child.on('close', () => {
      if (tookS === undefined) reject(new Error(`no result was printed:\n${said}`));
      else resolve(tookS);
    });
  });
}
