import { connectBus, connectionName } from '@capstan/bus';
import { BUS_SETUP, STREAMS, subjects, WORK_CLASSES } from '@capstan/contracts';
import { createLogger, natsAccess, readEnvironment } from '@capstan/runtime';
import type { Command } from 'commander';
import { loadStack, type StackOptions } from '../config/stack-config.ts';
import type { CommandContext } from '../program.ts';
import { countArgument } from './arguments.ts';

const HELP = `
'capstan up' and services that may make streams do it by themselves. Where each service has a user of its own at NATS, none of them may:
this does it as the user 'setup', before they start and at each upgrade. It may be repeated.`;

/** Adds `bus prepare`. */
export function addBusCommands(program: Command, { output }: CommandContext): void {
  program
    .command('bus')
    .description('look after NATS')
    .addHelpText('after', HELP)
    .command('prepare')
    .description('make the streams, buckets and the queue of backtests, or change them')
    .option('--config <file>', 'the configuration file; its nats section says where and as who')
    .option('--wait <seconds>', 'how long NATS may take to answer', countArgument, 30)
    .action(async (options: StackOptions & { readonly wait: number }) => {
      await prepare(options);
      output.out(`NATS has the ${STREAMS.length} streams, the buckets and the queue of backtests.`);
    });
}

async function prepare(options: StackOptions & { readonly wait: number }): Promise<void> {
  const { config } = loadStack(options, readEnvironment());
  const log = createLogger({ service: 'capstan', level: 'warn', format: config.log.format });
  const connection = await connectBus({
    ...natsAccess(config.nats),
    makeStreams: true,
    name: connectionName(BUS_SETUP),
    firstConnectMs: options.wait * 1_000,
    log,
  });
  try {
    for (const one of WORK_CLASSES) await connection.prepareWork(subjects.backtestWork(one));
  } finally {
    await connection.close();
  }
}
