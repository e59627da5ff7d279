import { addBacktestCommand } from './commands/backtest.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addReproCommand } from './commands/repro.ts';
import { type Output, STANDARD_OUTPUT } from './output.ts';
import { newProgram, runProgram } from './run-program.ts';

/**
 * Runs one of the commands that must start in a moment, `backtest`, `plan`, `compare` and `repro`, loading nothing of the platform.
 * @returns the exit code.
 */
export function runQuickCli(
  args: readonly string[],
  output: Output = STANDARD_OUTPUT,
): Promise<number> {
  return runProgram(args, output, (context) => {
    const program = newProgram(context);
    addBacktestCommand(program, context);
    addPlanCommand(program, context);
    addCompareCommand(program, context);
    addReproCommand(program, context);
    return program;
  });
}
