import { type DrillArguments, readArguments, UsageError } from './arguments.ts';
import { faultTable, loadLine, verdictTable } from './report.ts';
import type { DrillReport } from './run-drills.ts';

const SEED_MAX = 1_000_000_000;

/** Runs the drill that the arguments name. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let asked: DrillArguments;
  try {
    asked = readArguments(args, Date.now() % SEED_MAX);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  if (asked.kind === 'say') {
    process.stdout.write(asked.text);
    return 0;
  }
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const { runDrills } = await import('./run-drills.ts');
  const startMs = performance.now();
  const say = (line: string): void => {
    const at = ((performance.now() - startMs) / 1_000).toFixed(0).padStart(4);
    process.stderr.write(`${at} s  ${line}\n`);
  };
  try {
    const report = await runDrills({ drill: asked, say, signal: interrupted.signal });
    return tell(report, asked, args);
  } catch (error) {
    say(`the drill itself failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
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
