import { AppError } from '@capstan/domain';
import { readEnvironment } from '@capstan/runtime';
import { type Command, Option } from 'commander';
import colors from 'picocolors';
import { type Answer, GatewayClient, listIn } from '../gateway-client.ts';
import { KILL_GATEWAY_MS } from '../limits.ts';
import { openGateway, remoteGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { type FoundStack, findStack, gatewayOf } from '../running-stack.ts';
import { dataDirOption, jsonOption } from './arguments.ts';
import { type KillOrder, killDirectly } from './kill-directly.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly account?: string;
}

interface KillOptions extends Options {
  readonly hard?: boolean;
  readonly all?: boolean;
  readonly reason: string;
  readonly execution?: string;
}

const open = (options: Options): GatewayClient => openGateway(options.dataDir);

/** Adds what stops trading, and lets it go on. */
export function addKill(program: Command, { output }: CommandContext): void {
  program
    .command('kill')
    .description('send no more orders that add exposure, at once')
    .option('--hard', 'also cancel what works and flatten what is held')
    .option('--all', 'with --hard: flatten also what Capstan does not hold itself')
    .option('--account <id>', 'only this account (default: all)')
    .addOption(
      new Option('--reason <text>', 'why; the audit keeps it').default('asked by the operator'),
    )
    .option('--execution <host:port>', 'tell this execution service, whatever else is down')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      "\nWhere the gateway or NATS does not answer, execution is told over gRPC.\n\nExamples:\n  capstan kill --reason 'bad data'\n  capstan kill --hard --account paper\n  capstan kill --hard --all\n  capstan unkill",
    )
    .action(async (options: KillOptions) => {
      const order = orderOf(options);
      const answer =
        options.execution === undefined
          ? await killSomewhere(options.dataDir, order)
          : await killDirectly(options.execution, order);
      if (options.json === true) return output.out(JSON.stringify(answer, null, 2));
      sayKill(output, answer);
      if (order.mode === 'soft') sayWhatStays(output, answer);
    });
  program
    .command('unkill')
    .description('let accounts trade again')
    .option('--account <id>', 'only this account (default: all)')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      const answer = await open(options).post('/api/unkill', { account: options.account });
      if (options.json === true) return output.out(JSON.stringify(answer, null, 2));
      return sayKill(output, answer);
    });
}

function orderOf({ hard, all, account, reason }: KillOptions): KillOrder {
  if (all === true && hard !== true) {
    throw new AppError({
      code: 'CLI.USAGE',
      why: '--all was given without --hard: a soft kill flattens nothing.',
      fix: 'Say capstan kill --hard --all, or leave --all out.',
    });
  }
  return {
    mode: hard === true ? 'hard' : 'soft',
    foreign: all === true,
    reason,
    ...(account === undefined ? {} : { account }),
  };
}

/** Kills where commands go: of an installation elsewhere only the gateway is known. */
function killSomewhere(dataDir: string | undefined, order: KillOrder): Promise<Answer> {
  const remote = dataDir === undefined ? remoteGateway(readEnvironment()) : undefined;
  if (remote === undefined) return killStack(findStack(dataDir), order);
  return new GatewayClient(remote).post('/api/kill', order);
}

/**
 * Kills over the gateway, and where that does not answer soon, over execution's own gRPC.
 * @throws CLI.GATEWAY where the gateway refuses. @throws CLI.NOT_RUNNING where neither answers.
 */
export async function killStack(stack: FoundStack, order: KillOrder): Promise<Answer> {
  const asked = gatewayOf(stack).post('/api/kill', order);
  const { executionAddress } = stack.record;
  if (executionAddress === undefined) return asked;
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), KILL_GATEWAY_MS).unref();
  });
  const first = await Promise.race([asked, late]).catch((error: unknown) => {
    if (isRefusal(error)) throw error;
    return undefined;
  });
  if (first !== undefined) return first;
  // Whoever answers first: a gateway that is only slow may still.
  return await Promise.any([killDirectly(executionAddress, order), asked]).catch(
    (error: unknown) => {
      if (error instanceof AggregateError) throw error.errors[0];
      throw error;
    },
  );
}

/** Tells whether the gateway understood the request and said no. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const status = Number(error.details.status ?? 0);
  return status >= 400 && status < 500;
}

/** Says where a soft kill has changed nothing. */
function sayWhatStays(output: CommandContext['output'], answer: Answer): void {
  const hard = listIn(answer, 'killSwitches').filter(({ mode }) => mode === 'hard');
  if (hard.length === 0) return;
  const who = hard.map(({ accountId }) => String(accountId)).join(', ');
  const text = `The hard kill of ${who} stays and goes on flattening; only 'capstan unkill' ends it.`;
  output.out(colors.yellow(text));
}

/** Says how each account's switch stands. */
export function sayKill(output: CommandContext['output'], answer: Answer): void {
  for (const one of listIn(answer, 'killSwitches')) {
    const account = one.accountId === '' || one.accountId === '*' ? 'all accounts' : one.accountId;
    const word =
      one.mode === 'off' ? colors.green('may trade') : colors.red(`killed (${one.mode})`);
    output.out(`${account}: ${word}${one.mode === 'off' ? '' : ` — ${one.reason}`}`);
    if (typeof one.progress === 'string' && one.progress !== '') output.out(`  ${one.progress}`);
    if (one.unsaved === true) {
      const text = 'NATS is away: only this execution process knows of it until it is back';
      output.out(colors.yellow(`  ${text}`));
    }
  }
}
