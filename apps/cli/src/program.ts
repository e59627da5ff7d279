import type { Command } from 'commander';
import { addBacktestCommand } from './commands/backtest.ts';
import { addBusCommands } from './commands/bus.ts';
import { addCompareCommand } from './commands/compare.ts';
import { addConfigCommands } from './commands/config.ts';
import { addDataCommands } from './commands/data.ts';
import { addDatabaseCommands } from './commands/database.ts';
import { addEmulateCommands } from './commands/emulate.ts';
import { addFetchCommand } from './commands/fetch.ts';
import { addLookaheadCommand } from './commands/lookahead.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addReproCommand } from './commands/repro.ts';
import { addSessions } from './commands/sessions.ts';
import { addSmokeCommand } from './commands/smoke.ts';
import { addStackCommands } from './commands/stack.ts';
import { addStrategyCommands } from './commands/strategies.ts';
import { addTradingCommands } from './commands/trading.ts';
import { addUpCommand } from './commands/up.ts';
import { addVenuesCommands } from './commands/venues.ts';
import { type Output, STANDARD_OUTPUT } from './output.ts';
import { newProgram, runProgram } from './run-program.ts';

/** What every command is given. */
export interface CommandContext {
  readonly output: Output;
  /** Sets what the process ends with; 0 unless it is called. */
  exit(code: number): void;
}

/** Builds the command line. */
export function buildProgram(context: CommandContext): Command {
  const program = newProgram(context);
  program.commandsGroup('The stack:');
  addUpCommand(program, context);
  addStackCommands(program, context);
  addSessions(program, context);
  program.commandsGroup('Trading:');
  addTradingCommands(program, context);
  addStrategyCommands(program, context);
  program.commandsGroup('Research:');
  addBacktestCommand(program, context);
  addPlanCommand(program, context);
  addCompareCommand(program, context);
  addReproCommand(program, context);
  addLookaheadCommand(program, context);
  addFetchCommand(program, context);
  addDataCommands(program, context);
  program.commandsGroup('Installation:');
  addEmulateCommands(program, context);
  addDatabaseCommands(program, context);
  addBusCommands(program, context);
  addConfigCommands(program, context);
  addVenuesCommands(program, context);
  addSmokeCommand(program, context);
  return program;
}

/** Runs the command line. @returns the exit code. */
export function runCli(args: readonly string[], output: Output = STANDARD_OUTPUT): Promise<number> {
  return runProgram(args, output, buildProgram);
}
