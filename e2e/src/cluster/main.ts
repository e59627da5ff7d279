import { seconds } from '../drills/fault.ts';
import { runProgram } from '../drills/program.ts';
import { faultTable, loadLine, verdictTable } from '../drills/report.ts';
import { readArguments } from './arguments.ts';
import { Kubernetes } from './kubernetes.ts';
import { Release } from './release.ts';
import type { ClusterReport } from './run-cluster.ts';

/** Runs what the arguments name. @returns the exit code. */
function main(args: readonly string[]): Promise<number> {
  return runProgram(
    () => readArguments(args),
    async (drill, ears) => {
      const { isWell, runCluster } = await import('./run-cluster.ts');
      const report = await runCluster({ drill, ...ears });
      tell(report);
      if (!isWell(report)) return 1;
      if (!drill.isKept)
        await new Release(new Kubernetes(drill.kubernetes), drill.release).uninstall();
      return report.strokes.length > 0 ? 0 : 1;
    },
  );
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
