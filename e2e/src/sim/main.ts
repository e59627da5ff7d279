import { availableParallelism } from 'node:os';
import { readArguments, type SimArguments, UsageError } from './arguments.ts';
import type { PlatformRun } from './platform-world.ts';
import { WORLD_KINDS } from './world-kinds.ts';

/** How often a failing world is run again to make it smaller. */
const SHRINK_RUNS = 300;

/** Runs worlds as the arguments say. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let what: SimArguments;
  try {
    what = readArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  switch (what.kind) {
    case 'help':
      process.stdout.write(what.text);
      return 0;
    case 'replay':
      return await replay(what.run);
    case 'many':
      return await many(what);
    case 'mutants':
      return (await mutants()) ? 0 : 1;
    case 'mutant':
      return await catchOne(what.name);
  }
}

async function mutants(): Promise<boolean> {
  const { runMutants } = await import('./run-mutants.ts');
  return await runMutants((text) => process.stdout.write(text));
}

async function catchOne(name: string): Promise<number> {
  const { catchMutant, WORLDS_MAX } = await import('./run-mutants.ts');
  try {
    const how = await catchMutant(name);
    process.stdout.write(`${how ?? `${name} was not caught in ${WORLDS_MAX} worlds`}\n`);
    return how === undefined ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

async function replay(run: PlatformRun): Promise<number> {
  const { runPlatform } = await import('./platform-world.ts');
  const { runOrShrink } = await import('./shrink-platform.ts');
  // What was asked for by its faults is small already.
  const go =
    run.onlyFaults === undefined ? () => runOrShrink(run, SHRINK_RUNS) : () => runPlatform(run);
  try {
    const { steps, historyHash, faults, struck } = await go();
    process.stdout.write(`seed ${run.seed}: held. ${steps} steps, history ${historyHash}\n`);
    process.stdout.write(`${struck.length} faults: ${JSON.stringify(faults)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

async function many(asked: SimArguments & { kind: 'many' }): Promise<number> {
  const { from, count, minutes, storm = 1, workers = availableParallelism() } = asked;
  const { runMany } = await import('./run-many.ts');
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  let seed = from;
  let isStopped = false;
  // The worlds under way end, and what they came to is told.
  process.once('SIGINT', () => {
    isStopped = true;
  });
  const next = (): PlatformRun | undefined => {
    const isOver = minutes !== undefined && seconds() >= minutes * 60;
    if (isStopped || isOver || seed >= from + count) return;
    const kind = asked.world ?? WORLD_KINDS[seed % WORLD_KINDS.length] ?? 'compared';
    seed += 1;
    return { seed: seed - 1, kind, storm };
  };
  const tally = await runMany({ next, workers }, (failure) => {
    process.stderr.write(`${failure}\n\n`);
  });
  const { worlds, failures, faults } = tally;
  const injected = [...faults.values()].reduce((sum, times) => sum + times, 0);
  for (const [kind, times] of [...faults].sort()) {
    process.stdout.write(`${kind.padEnd(20)} ${times}\n`);
  }
  const pace = (worlds / seconds()).toFixed(1);
  process.stdout.write(
    `seeds ${from} to ${seed - 1}: ${worlds} worlds, ${failures} failed, ${injected} faults, ${pace} worlds a second\n`,
  );
  return failures === 0 ? 0 : 1;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

process.exitCode = await main(process.argv.slice(2));
