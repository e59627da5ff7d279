import { parseArgs } from 'node:util';
import { runPlatform } from './platform-world.ts';

const USAGE = `Runs the whole platform in simulated worlds in which everything goes wrong.

  npm run sim -- --seed N          replays one world and prints what happened at its end
  npm run sim -- --count N         runs N worlds (--from S: beginning with seed S)
  npm run sim -- --minutes M       runs fresh worlds for M minutes
`;

/** Runs worlds as the arguments say. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      count: { type: 'string' },
      from: { type: 'string' },
      minutes: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true || Object.keys(values).length === 0) {
    process.stdout.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  if (values.seed !== undefined) return await replay(Number(values.seed));
  const endMs =
    values.minutes === undefined ? undefined : Date.now() + Number(values.minutes) * 60_000;
  const from = Number(values.from ?? (endMs === undefined ? 1 : Date.now() % 1_000_000_000));
  const count = Number(values.count ?? (endMs === undefined ? 300 : Number.MAX_SAFE_INTEGER));
  return await runMany(from, count, endMs);
}

async function replay(seed: number): Promise<number> {
  try {
    const report = await runPlatform({ seed });
    process.stdout.write(
      `seed ${seed}: held. ${report.steps} steps, history ${report.historyHash}\n`,
    );
    process.stdout.write(`faults: ${JSON.stringify(report.faults)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function runMany(from: number, count: number, endMs: number | undefined): Promise<number> {
  const faults = new Map<string, number>();
  const started = performance.now();
  let failures = 0;
  let seeds = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    if (endMs !== undefined && Date.now() >= endMs) break;
    seeds += 1;
    try {
      const report = await runPlatform({ seed });
      for (const [kind, times] of Object.entries(report.faults)) {
        faults.set(kind, (faults.get(kind) ?? 0) + times);
      }
    } catch (error) {
      failures += 1;
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`);
    }
  }
  const seconds = (performance.now() - started) / 1_000;
  const injected = [...faults.values()].reduce((sum, times) => sum + times, 0);
  for (const [kind, times] of [...faults].sort())
    process.stdout.write(`${kind.padEnd(20)} ${times}\n`);
  process.stdout.write(
    `${seeds} worlds, ${failures} failed, ${injected} faults, ${(seeds / seconds).toFixed(1)} worlds a second\n`,
  );
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
