import { explainConfig, readEnvironment } from '@capstan/runtime';
import type { Command } from 'commander';
import { loadStack } from '../config/stack-config.ts';
import { stackSchema } from '../config/supervisor-section.ts';
import type { CommandContext } from '../program.ts';

/** Adds `config explain` and `config check`. */
export function addConfigCommands(program: Command, { output }: CommandContext): void {
  const config = program.command('config').description('explain and check configuration files');
  config
    .command('explain')
    .description('list every key: what it means, allows and is by default')
    .action(() => output.out(explainConfig(stackSchema).trimEnd()));
  config
    .command('check')
    .description('check a configuration file without starting anything')
    .option('--env <name>', 'the environment: dev or paper (default: dev)')
    .option('--config <file>', "a configuration file in place of the environment's")
    .action((options: { readonly env?: string; readonly config?: string }) => {
      const plan = loadStack(options, readEnvironment());
      const { run, feeds, accounts, bots } = plan.config;
      output.out(
        `${plan.file} is well: run ${run.id}, ${feeds.length} feeds, ${accounts.length} accounts, ${bots.length} bots.`,
      );
    });
}
