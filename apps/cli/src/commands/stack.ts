import { AppError } from '@capstan/domain';
import { waitUntil } from '@capstan/embedded';
import { readEnvironment } from '@capstan/runtime';
import type { Command } from 'commander';
import colors from 'picocolors';
import { renderStack } from '../console/stack-view.ts';
import type { CliErrorCode } from '../error-codes.ts';
import { askFailingChannels } from '../failing-channels.ts';
import { GatewayClient } from '../gateway-client.ts';
import { askLastReplay } from '../last-replay.ts';
import { DOWN_WAIT_MS, WATCH_MS } from '../limits.ts';
import { remoteGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { type FoundStack, findStack, gatewayOf } from '../running-stack.ts';
import { askSessions, sessionLine } from '../session-status.ts';
import { askStops } from '../stops.ts';
import { stopOrphans } from '../supervisor/orphans.ts';
import { isSameProcess, sendSignal } from '../supervisor/process-identity.ts';
import { removeRunRecord } from '../supervisor/run-file.ts';
import { countArgument, dataDirOption, jsonOption } from './arguments.ts';
import { askStack } from './ask-stack.ts';
import { askForeign } from './foreign.ts';
import { showLogs } from './logs.ts';
import { showRemoteStatus } from './remote-status.ts';
import { lastReplayLine } from './replay.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Adds `status`, `down` and `logs`. */
export function addStackCommands(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('show services and bots; exit code 0 only if everything is healthy')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Options) => showStatus(options, context));
  program
    .command('down')
    .description("stop the stack as Ctrl-C does: the bots' onShutdown rules, then services drain")
    .addOption(dataDirOption())
    .action(async (options: Options) => stopStack(options, context));
  program
    .command('logs')
    .description('show the logs of all services, or of one')
    .argument('[service]', 'such as execution, nats or postgres')
    .option('-f, --follow', 'go on with what is written from now on')
    .option('-n, --lines <n>', 'how many of the last lines of each log', countArgument, 40)
    .addOption(dataDirOption())
    .addHelpText('after', '\nExamples:\n  capstan logs -f\n  capstan logs -n 200 risk')
    .action(async (service: string | undefined, options: LogsOptions) => {
      const { dataDir } = findStack(options.dataDir);
      await showLogs(
        { dataDir, service, follow: options.follow === true, lines: options.lines },
        context.output,
      );
    });
}

interface LogsOptions extends Options {
  readonly follow?: boolean;
  readonly lines: number;
}

async function showStatus(options: Options, context: CommandContext): Promise<void> {
  const { output, exit } = context;
  const remote = options.dataDir === undefined ? remoteGateway(readEnvironment()) : undefined;
  if (remote !== undefined) return showRemoteStatus(new GatewayClient(remote), options, context);
  const stack = findStack(options.dataDir);
  const answer = stack.isAlive ? await askStack(stack.record.supervisorUrl) : undefined;
  if (answer === undefined) throw notRunning(stack);
  const runs = answer.phase === 'running';
  const stops = runs ? await askStops(() => gatewayOf(stack)) : [];
  const foreign = runs ? await askForeign(() => gatewayOf(stack)) : [];
  const failingChannels = runs ? await askFailingChannels(() => gatewayOf(stack)) : [];
  const replays = runs ? await askLastReplay(() => gatewayOf(stack)) : [];
  const sessions = runs ? await askSessions(() => gatewayOf(stack)) : [];
  if (options.json === true)
    output.out(
      JSON.stringify({ ...answer, sessions, replays, stops, foreign, failingChannels }, null, 2),
    );
  else {
    output.out(renderStack(answer));
    output.out(`Data       ${stack.dataDir}`);
    for (const session of sessions) output.out(`Session    ${sessionLine(session)}`);
    for (const replay of replays) output.out(`Replay     ${lastReplayLine(replay)}`);
    for (const stop of stops) output.out(colors.red(`! ${stop}`));
    for (const problem of [...answer.problems, ...foreign, ...failingChannels])
      output.out(colors.yellow(`! ${problem}`));
  }
  if (!answer.healthy) exit(1);
}

function notRunning({ dataDir, record, isAlive }: FoundStack): AppError {
  const why = isAlive
    ? `The supervisor of ${dataDir}, process ${record.pid}, does not answer yet.`
    : `The stack on ${dataDir} does not run: its supervisor, process ${record.pid}, is gone.`;
  return new AppError({
    code: 'CLI.NOT_RUNNING' satisfies CliErrorCode,
    why,
    fix: isAlive ? 'Try again in a moment.' : "Start it again with 'capstan up'.",
  });
}

async function stopStack(options: Options, { output }: CommandContext): Promise<void> {
  const stack = findStack(options.dataDir);
  const { record, dataDir } = stack;
  if (!stack.isAlive) {
    const ended = await stopOrphans(record.processes);
    removeRunRecord(dataDir);
    output.out(
      ended.length === 0
        ? 'It was not running.'
        : `Its supervisor was gone; ended what was left: ${ended.map(({ name }) => name).join(', ')}.`,
    );
    return;
  }
  const waitMs = DOWN_WAIT_MS + (await askToStop(stack));
  const hasEnded = await waitUntil(() => !isSameProcess(record), waitMs, WATCH_MS);
  if (!hasEnded) {
    throw new AppError({
      code: 'CLI.STOP_FAILED' satisfies CliErrorCode,
      why: `The supervisor, process ${record.pid}, has not ended.`,
      fix: `See 'capstan logs capstan'; as a last resort: kill ${record.pid}.`,
    });
  }
  output.out('Stopped.');
}

/** Returns how long the bots' shutdown rules may take, in milliseconds. */
async function askToStop({ record }: FoundStack): Promise<number> {
  const url = `${record.supervisorUrl}/shutdown?token=${record.shutdownToken}`;
  try {
    const response = await fetch(url, { method: 'POST' });
    const { windDownMs } = (await response.json()) as { readonly windDownMs?: unknown };
    if (response.ok) return typeof windDownMs === 'number' ? windDownMs : 0;
  } catch {
    // It does not answer: its signal is left.
  }
  sendSignal(record.pid, 'SIGTERM');
  return 0;
}
