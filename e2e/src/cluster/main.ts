import { UsageError } from '../drills/arguments.ts';
import { seconds } from '../drills/fault.ts';
import { faultTable, loadLine, verdictTable } from '../drills/report.ts';
import { type ClusterArguments, readArguments } from './arguments.ts';
import { Kubernetes } from './kubernetes.ts';
import { Release } from './release.ts';
import type { ClusterReport } from './run-cluster.ts';

/** Runs what the arguments name. @returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let asked: ClusterArguments;
  try {
    asked = readArguments(args);
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
  const { isWell, runCluster } = await import('./run-cluster.ts');
  const startMs = performance.now();
  const say = (line: string): void => {
    const at = ((performance.now() - startMs) / 1_000).toFixed(0).padStart(4);
    process.stderr.write(`${at} s  ${line}\n`);
  };
  try {
    const report = await runCluster({ drill: asked, say, signal: interrupted.signal });
    tell(report);
    if (!isWell(report)) return 1;
    if (!asked.isKept)
      await new Release(new Kubernetes(asked.kubernetes), asked.release).uninstall();
    return report.strokes.length > 0 ? 0 : 1;
  } catch (error) {
    say(`the run itself failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function tell({ installed, strokes, findings, load }: ClusterReport): void {
  const { readyMs, firstFillMs } = installed;
  const out = [
    `installed: every pod ready after ${seconds(readyMs)}, the first fill after ${seconds(firstFillMs)}`,
    ...['', faultTable(strokes), '', verdictTable(findings), ''],
    ...(load === undefined ? [] : [loadLine(load)]),
  ];
  process.stdout.write(`${out.join('\n')}\n`);
}

process.exitCode = await main(process.argv.slice(2));
