import type { Command } from 'commander';
import colors from 'picocolors';
import { timeText } from '../console/table.ts';
import { type Answer, type GatewayClient, listIn, pathOf } from '../gateway-client.ts';
import { openGateway } from '../open-gateway.ts';
import type { CommandContext } from '../program.ts';
import { dataDirOption, jsonOption } from './arguments.ts';

interface Options {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

const open = (options: Options): GatewayClient => openGateway(options.dataDir);

/** Adds what shows breakers and resets them. */
export function addBreaker(program: Command, { output }: CommandContext): void {
  const breaker = program
    .command('breaker')
    .description('show the breakers of the accounts, or reset one')
    .addOption(dataDirOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA breaker opens after failures at the venue in a row; then only what reduces is sent.\n\nExamples:\n  capstan breaker\n  capstan breaker reset paper\n  capstan breaker reset paper --force',
    )
    .action(async (options: Options) => {
      const { breakers = [] } = await open(options).get('/api/overview');
      if (options.json === true) return output.out(JSON.stringify({ breakers }, null, 2));
      for (const one of listIn({ breakers }, 'breakers')) output.out(breakerLine(one));
    });
  breaker
    .command('reset')
    .description('let an account whose breaker opened add exposure again')
    .argument('<account>', 'its id')
    .option('--force', 'also where the cause is still there')
    .addOption(dataDirOption())
    .action(async (accountId: string, _options: Options, command: Command) => {
      const options: Options = command.optsWithGlobals();
      const path = pathOf('breakers', accountId, 'reset');
      const { message } = await open(options).post(path, { force: options.force === true });
      output.out(`${accountId}: ${String(message)}`);
    });
}

/** Says how one breaker stands. */
export function breakerLine(one: Answer): string {
  const { accountId, open: isOpen, failures, failuresMax, reason, sinceUs } = one;
  if (isOpen !== true) {
    const counted = failures === 0 ? '' : `, ${failures} of ${failuresMax} failures in a row`;
    return `${accountId}: ${colors.green('closed')}${counted}`;
  }
  const word = colors.red(`open since ${timeText(sinceUs)} UTC`);
  return `${accountId}: ${word} after ${failures} failures in a row — ${reason}`;
}
