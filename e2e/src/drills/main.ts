import { type DrillArguments, readArguments } from './arguments.ts';
import { runProgram } from './program.ts';
import { faultTable, loadLine, verdictTable } from './report.ts';
import type { DrillReport } from './run-drills.ts';

const SEED_MAX = 1_000_000_000;

/** Runs the drill that the arguments name. @returns the exit code. */
function main(args: readonly string[]): Promise<number> {
  return runProgram(
    () => readArguments(args, Date.now() % SEED_MAX),
    async (drill, ears) => {
      const { runDrills } = await import('./run-drills.ts');
      return tell(await runDrills({ drill, ...ears }), drill, args);
    },
  );
}

function tell(
  { strokes, findings, load, logs }: DrillReport,
  { seed }: Extract<DrillArguments, { readonly kind: 'drill' }>,
  args: readonly string[],
): number {
  const out = [faultTable(strokes), '', verdictTable(findings), ''];
  if (load !== undefined) out.push(`seed ${seed}: ${loadLine(load)}`);
  if (logs !== undefined) {
    const given = args.includes('--seed') ? args : [...args, '--seed', String(seed)];
    out.push(`The logs, the journal and the streams are in ${logs}`);
    out.push(`The same again: npm run drills -- ${given.join(' ')}`);
  }
  process.stdout.write(`${out.join('\n')}\n`);
  return logs === undefined && strokes.length > 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
